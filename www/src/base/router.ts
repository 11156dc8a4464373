/** Which room of the console is in view, as an address that can be copied: the page's fragment. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** The parts of a stream's page. */
export const STREAM_TABS = ["live", "history", "groups", "manage"] as const;

/** One of them. */
export type StreamTab = (typeof STREAM_TABS)[number];

/** A place in the console. */
export type Route =
  | { readonly room: "streams" }
  | { readonly room: "connect" }
  | { readonly room: "tour" }
  | { readonly room: "command" }
  | {
      readonly room: "stream";
      readonly key: string;
      readonly tab: StreamTab;
      /** The group, on the tab of groups; the entry ID, in the history. */
      readonly at?: string;
    };

/** Where routes are kept. */
export interface Router {
  readonly route: ReadonlySignal<Route>;
  /** Goes to a room. */
  go(route: Route): void;
  /** The address of a room, for links. */
  href(route: Route): string;
}

/** Routes in the fragment of the page's address. */
export function fragmentRouter(): Router {
  const route = signal<Route>(readRoute(location.hash));
  addEventListener("hashchange", () => {
    route.value = readRoute(location.hash);
  });
  return {
    route,
    href: writeRoute,
    go: (next) => {
      location.hash = writeRoute(next);
      route.value = next;
    },
  };
}

/** Routes that no address shows, for a console inside of somebody else's page. */
export function innerRouter(first: Route = { room: "streams" }): Router {
  const route = signal<Route>(first);
  return {
    route,
    // A link in a page of others must not change that page's address.
    href: () => "#",
    go: (next) => {
      route.value = next;
    },
  };
}

/** A fragment as a route; what is none is the list of streams. */
export function readRoute(fragment: string): Route {
  const [room, ...rest] = fragment.replace(/^#?\/?/, "").split("/");
  if (room === "connect" || room === "tour" || room === "command") return { room };
  if (room !== "stream" || rest[0] === undefined) return { room: "streams" };
  const [key, tab, at] = rest.map(decode);
  const known = STREAM_TABS.find((name) => name === tab) ?? "live";
  const route = { room, key: key ?? "", tab: known } as const;
  return at === undefined ? route : { ...route, at };
}

/** A route as a fragment. */
export function writeRoute(route: Route): string {
  if (route.room !== "stream") return route.room === "streams" ? "#/" : `#/${route.room}`;
  const parts = ["stream", route.key, route.tab, route.at].filter((part) => part !== undefined);
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Somebody wrote a % of their own.
    return part;
  }
}
