/** A session that lasts, from its client's bytes to its client's bytes. */

import { concat } from "../bytes.ts";
import { replyEnd } from "../framing.ts";
import { type Connection, RequestError, type Sink } from "../http/backend.ts";
import * as limits from "../limits.ts";
import { ObjectSession } from "./object-session.ts";
import type { Places } from "./places.ts";
import { line } from "./reply.ts";

/**
 * What comes while requests are being run is run together when they are done: so a client that does
 * not wait for replies makes few and long pipelines of it.
 */
export class ObjectConnection implements Connection {
  readonly #sink: Sink;
  readonly #session: ObjectSession;
  #received: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Until what has come is run. */
  #run: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isClosed = false;

  constructor(places: Places, sink: Sink, rules: Uint8Array<ArrayBuffer>) {
    this.#sink = sink;
    this.#session = new ObjectSession(places, rules, {
      push: (bytes) => {
        if (!this.#isClosed) void sink.send(bytes);
      },
    });
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#isClosed) return;
    this.#received = concat([this.#received, bytes]);
    if (!this.#isRunning) this.#run = this.#runReceived();
    if (this.#received.byteLength > limits.httpBodyBytes) return this.#run;
  }

  close(): void {
    this.#isClosed = true;
    this.#session.close();
  }

  async #runReceived(): Promise<void> {
    this.#isRunning = true;
    try {
      for (let requests = this.#take(); requests !== undefined; requests = this.#take()) {
        const replies = concat(await this.#session.run(requests));
        if (this.#isClosed) return;
        if (replies.byteLength > 0) await this.#sink.send(replies);
        if (this.#session.isOver) return this.#end();
      }
    } catch (error) {
      if (this.#isClosed) return;
      if (!(error instanceof RequestError)) {
        console.error("a session failed:", error);
        return this.#end("ERR the server has failed; its log says how");
      }
      await this.#sink.send(line(`-${error.message}`));
      this.#end(error.message);
    } finally {
      // At once when nothing is left: what comes next may not rely on this run.
      this.#isRunning = false;
    }
  }

  #end(reason?: string): void {
    this.close();
    this.#sink.close(reason);
  }

  /** The complete requests that have come, as many as may be run at once. */
  #take(): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#received;
    let end = 0;
    for (let next = 0; next >= 0 && next <= limits.httpBodyBytes; ) {
      end = next;
      if (end === bytes.byteLength) break;
      // A request is an array of strings, as some replies are.
      next = replyEnd(bytes, end);
    }
    if (end === 0) {
      if (bytes.byteLength <= limits.httpBodyBytes) return undefined;
      throw new RequestError(`ERR a request is longer than ${limits.httpBodyBytes} bytes`);
    }
    this.#received = bytes.subarray(end);
    return bytes.subarray(0, end);
  }
}
