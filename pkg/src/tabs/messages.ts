/**
 * What the tabs of a database say to each other.
 *
 * All hear the *lobby*: who leads, who is there, who asks whether the leader is still there. What a
 * tab asks and what it is answered goes over a channel of the two alone.
 *
 * A tab numbers its requests, and greets with a number of its own, its *session*, and the numbers of
 * the requests that it has no answer to. It is welcomed with the answers that were kept for it; the
 * others were not done, and it asks them again. In one session it asks nothing twice, and what
 * comes from a session before is not listened to: so everything is done exactly once, whichever
 * messages are lost.
 */

import type { NumberedAnswer } from "../storage/answers.ts";

/** In the lobby. */
export type LobbyMessage =
  /** I lead; all who hear it, or `to` alone, shall greet. */
  | { kind: "leader"; to?: string }
  /** A tab greets whoever leads. */
  | { kind: "hello"; tab: string; session: number; unanswered: readonly number[] }
  /** Are you there? */
  | { kind: "ping"; tab: string; session: number }
  /** I am. */
  | { kind: "pong"; to: string };

/** A message without its session. */
export type Words<M> = M extends unknown ? Omit<M, "session"> : never;

/** From a tab to the leader. */
export type Asking = { session: number } & (
  | {
      kind: "ask";
      /** Requests of one lane are done in order; 0 is that of ordinary calls. */
      lane: number;
      /** Whether it ends with the answer. */
      isOnce: boolean;
      /** How many replies each request has. */
      requests: readonly (readonly [number: number, replies: number])[];
      /** The requests. */
      bytes: Uint8Array;
      /** Answers that have come and need not be kept. */
      taken: readonly number[];
    }
  /** The time of what waits in a lane is over. */
  | { kind: "run"; lane: number }
  /** Gives a lane up, and what waits there. */
  | { kind: "end"; lane: number }
);

/** From the leader to a tab. */
export type Answering = { session: number } & Told;

type Told =
  /** The answers that were kept; what is not among them has to be asked again. */
  | { kind: "welcome"; answers: readonly NumberedAnswer[] }
  | { kind: "answer"; answers: readonly NumberedAnswer[]; isKept: boolean }
  /** The engine was lost, and these with it. */
  | { kind: "failure"; numbers: readonly number[]; code: string; message: string }
  /** The lane is given up; nothing comes from it any more. */
  | { kind: "ended"; lane: number };

/** The lane of ordinary calls. */
export const ORDINARY = 0;

/** The names of a database's channels and locks. */
export const names = {
  lobby: (database: string) => `eddyline/${database}`,
  channel: (database: string, tab: string) => `eddyline/${database}/tab/${tab}`,
  /** Held by a tab for as long as it is there. */
  presence: (database: string, tab: string) => `eddyline/${database}/tab/${tab}`,
} as const;
