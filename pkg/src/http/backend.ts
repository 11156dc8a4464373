/** What the front door runs commands on: the objects of a Worker, or an engine in this process. */

/** Runs sessions. */
export interface Backend {
  /**
   * Runs complete RESP requests as a session of their own, in order, and resolves to as many
   * replies. `signal` ends the session early: its sender has gone.
   *
   * @throws {RequestError} for bytes that are no requests
   */
  run(requests: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** The request cannot be understood, and nothing of it was run. The message is Redis' text. */
export class RequestError extends Error {}
