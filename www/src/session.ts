/**
 * Which engine the page talks to: the one in this tab, or the Worker that served the page. All
 * else works on the `Eddyline` that an open session holds and cannot tell the two apart.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import { Eddyline, TransportError } from "eddyline";
import { problemOf } from "./format.ts";

/** Where the streams live. */
export type Backend = "tab" | "worker";

/** The page's connection to its back end. */
export type Session =
  | { readonly state: "opening"; readonly backend: Backend }
  | { readonly state: "open"; readonly backend: Backend; readonly db: Eddyline }
  /** The Worker wants a token; `problem` says what was wrong with the last one. */
  | { readonly state: "locked"; readonly backend: "worker"; readonly problem: string | null }
  | { readonly state: "failed"; readonly backend: Backend; readonly problem: string };

const BACKEND_ITEM = "eddyline.backend";
const TOKEN_ITEM = "eddyline.token";

const current = signal<Session>({ state: "opening", backend: "tab" });

/** The session that the page has now. */
export const session: ReadonlySignal<Session> = current;

/** The tab's engine outlives a look at the Worker: its streams are nowhere else. */
let tabEngine: Promise<Eddyline> | null = null;

/** Opens the back end of last time; the one named by the address when there is a token in it. */
export function openFirst(): Promise<void> {
  const token = takeTokenFromAddress();
  if (token !== null) {
    sessionStorage.setItem(TOKEN_ITEM, token);
    return openBackend("worker");
  }
  return openBackend(sessionStorage.getItem(BACKEND_ITEM) === "worker" ? "worker" : "tab");
}

/** Leaves the present back end and opens `backend`. */
export function openBackend(backend: Backend): Promise<void> {
  sessionStorage.setItem(BACKEND_ITEM, backend);
  leave();
  return backend === "tab" ? openTab() : openWorker(sessionStorage.getItem(TOKEN_ITEM));
}

/** Opens the Worker with a token that the user gave; it is kept for this tab only. */
export function unlock(token: string): Promise<void> {
  return openWorker(token);
}

async function openTab(): Promise<void> {
  current.value = { state: "opening", backend: "tab" };
  try {
    tabEngine ??= Eddyline.open("memory://");
    settle({ state: "open", backend: "tab", db: await tabEngine });
  } catch (error) {
    tabEngine = null;
    settle({ state: "failed", backend: "tab", problem: problemOf(error) });
  }
}

async function openWorker(token: string | null): Promise<void> {
  if (token === null) {
    current.value = { state: "locked", backend: "worker", problem: null };
    return;
  }
  current.value = { state: "opening", backend: "worker" };
  try {
    const db = await Eddyline.open(location.origin, { token });
    await db.xLen("earthquakes");
    sessionStorage.setItem(TOKEN_ITEM, token);
    settle({ state: "open", backend: "worker", db });
  } catch (error) {
    settle(refused(error));
  }
}

function refused(error: unknown): Session {
  const problem = problemOf(error);
  if (!isUnauthorized(error)) return { state: "failed", backend: "worker", problem };
  sessionStorage.removeItem(TOKEN_ITEM);
  return { state: "locked", backend: "worker", problem };
}

/** Takes a session that was waited for, unless the user has gone elsewhere meanwhile. */
function settle(next: Session): void {
  if (current.value.backend === next.backend) current.value = next;
  else if (next.state === "open" && next.backend === "worker") void next.db.close();
}

function leave(): void {
  const left = current.value;
  if (left.state === "open" && left.backend === "worker") void left.db.close();
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof TransportError && error.status === 401;
}

/**
 * `npm start` prints an address that ends in `#token=…`: a fragment stays in the browser. It is
 * taken out of the address at once, so that it is in no history and no copied link.
 */
function takeTokenFromAddress(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) history.replaceState(null, "", location.pathname + location.search);
  return token;
}
