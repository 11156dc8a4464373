/** The console's frame: whom it talks to, its rooms, and the command behind each action. */

import { useComputed } from "@preact/signals";
import { SCHEMES } from "../base/appearance.ts";
import type { Route } from "../base/router.ts";
import { isInTab, kindOf, shortName } from "../connection/address.ts";
import { useConsole } from "../console.ts";
import { PERIODS_MS } from "../observe/observer.ts";
import { later } from "../parts/later.tsx";
import { Connect } from "./connect.tsx";
import { Dock } from "./dock.tsx";
import { StreamsRoom } from "./streams-room.tsx";

/** The whole console. */
export function Shell() {
  const { appearance, connection, isPage, router } = useConsole();
  // A section of its own: its bar is not the banner of somebody else's page.
  const Frame = isPage ? "div" : "section";
  const isOpen = connection.state.value.state === "open";
  return (
    <Frame
      class="shell"
      aria-label={isPage ? undefined : "Eddyline console"}
      data-scheme={appearance.scheme.value}
      data-open={isOpen}
    >
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <Bar />
      <Room />
      {isOpen && router.route.value.room !== "command" && <Dock />}
    </Frame>
  );
}

function skip(event: Event): void {
  const button = event.currentTarget as HTMLElement;
  button.parentElement?.querySelector<HTMLElement>("#main")?.focus();
}

const StreamRoom = later(async () => (await import("./stream-room.tsx")).StreamRoom);

const CommandRoom = later(
  async () => (await import("./command-line/command-room.tsx")).CommandRoom,
);

function Room() {
  const { connection, router, tour: Tour } = useConsole();
  const { room } = router.route.value;
  const db = connection.db.value;
  if (db === null || room === "connect") return <Connect />;
  switch (room) {
    case "streams":
      return <StreamsRoom />;
    case "command":
      return <CommandRoom />;
    case "tour":
      return Tour === null ? <StreamsRoom /> : <Tour />;
    case "stream": {
      const route = router.route.value as Extract<Route, { room: "stream" }>;
      return <StreamRoom key={route.key} db={db} route={route} />;
    }
  }
}

function Bar() {
  const { connection } = useConsole();
  return (
    <header class="bar">
      <p class="brand">
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M4 10h17a4.5 4.5 0 0 1 0 9h-5a2.5 2.5 0 0 1 0-5M4 16h6M4 22h16" />
        </svg>
        Eddyline
      </p>
      {connection.db.value !== null && <Rooms />}
      <div class="bar-end">
        <Whereabouts />
        {connection.db.value !== null && <Period />}
        <SchemeButton />
      </div>
    </header>
  );
}

const ROOMS: readonly { readonly route: Route; readonly name: string }[] = [
  { route: { room: "streams" }, name: "Streams" },
  { route: { room: "command" }, name: "Command line" },
  { route: { room: "tour" }, name: "Playground" },
];

function Rooms() {
  const { router, tour } = useConsole();
  const rooms = ROOMS.filter(({ route }) => tour !== null || route.room !== "tour");
  const { room } = router.route.value;
  const isAt = (route: Route): boolean =>
    route.room === room || (route.room === "streams" && room === "stream");
  return (
    <nav class="rooms" aria-label="Rooms">
      {rooms.map(({ route, name }) => (
        <a
          key={name}
          href={router.href(route)}
          aria-current={isAt(route) ? "page" : undefined}
          onClick={(event) => {
            event.preventDefault();
            router.go(route);
          }}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}

/** Which back end it is and how it does; leads to where another is chosen. */
function Whereabouts() {
  const { connection, router } = useConsole();
  const state = connection.state.value;
  const health = connection.health.value;
  if (state.state === "none") return null;
  const isLost = state.state === "open" && !health.answers;
  const where = shortName(state.address);
  return (
    <button
      type="button"
      class="whereabouts"
      data-state={isLost ? "lost" : state.state}
      title={health.answers ? "Choose another back end" : health.problem}
      onClick={() => router.go({ room: "connect" })}
    >
      <span class="where">{where}</span>
      <span class="what" role="status">
        {isLost ? "no answer, trying again" : WORDS[state.state](state.address)}
      </span>
    </button>
  );
}

const WORDS: Readonly<
  Record<"opening" | "open" | "locked" | "failed", (address: string) => string>
> = {
  opening: () => "opening",
  open: (address) => OPEN_WORDS[kindOf(address)],
  locked: () => "wants a token",
  failed: (address) => (isInTab(address) ? "did not start" : "not reached"),
};
const OPEN_WORDS = {
  memory: "engine in memory",
  browser: "kept in this browser",
  server: "connected",
};

function Period() {
  const { observer } = useConsole();
  return (
    <select
      class="quiet"
      aria-label="How often figures are taken"
      value={observer.periodMs.value}
      onChange={(event) => (observer.periodMs.value = Number(event.currentTarget.value))}
    >
      {PERIODS_MS.map((ms) => (
        <option key={ms} value={ms}>
          {ms === 0 ? "figures paused" : `every ${ms / 1000} s`}
        </option>
      ))}
    </select>
  );
}

function SchemeButton() {
  const { appearance } = useConsole();
  const { scheme } = appearance;
  const next = useComputed(() => SCHEMES[(SCHEMES.indexOf(scheme.value) + 1) % SCHEMES.length]);
  return (
    <button
      type="button"
      class="quiet icon"
      aria-label={`Colours: ${scheme.value}. Change to ${next.value}`}
      title={`Colours: ${scheme.value}`}
      onClick={() => appearance.choose(next.value ?? "system")}
    >
      {scheme.value === "light" ? "☀" : scheme.value === "dark" ? "☾" : "◐"}
    </button>
  );
}
