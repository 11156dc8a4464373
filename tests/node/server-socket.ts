/** A client of a server in its rawest form: bytes out, bytes in. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { replyEnd } from "../../pkg/src/resp.ts";

const LIMIT_MS = 10_000;

/** A connection whose bytes a test can look at. */
export class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #hasEnded = false;
  /** Told at every change. */
  #changed: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#changed();
    });
    socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#changed();
      });
    }
  }

  /** Connects to a port of this machine, or to a Unix socket. */
  static async open(where: number | string): Promise<RawClient> {
    const socket = typeof where === "number" ? connect(where, "127.0.0.1") : connect(where);
    socket.setNoDelay(true);
    await once(socket, "connect");
    return new RawClient(socket);
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Takes the next reply. */
  async reply(): Promise<string> {
    await this.#until(() => replyEnd(this.#received, 0) >= 0);
    const end = replyEnd(this.#received, 0);
    const reply = this.#received.toString("latin1", 0, end);
    this.#received = this.#received.subarray(end);
    return reply;
  }

  /** Sends bytes and takes the next reply. */
  ask(bytes: string | Uint8Array): Promise<string> {
    this.write(bytes);
    return this.reply();
  }

  /** Takes everything until the other side ends. */
  async rest(): Promise<string> {
    await this.#until(() => this.#hasEnded);
    const rest = this.#received.toString("latin1");
    this.#received = Buffer.alloc(0);
    return rest;
  }

  /** What has come and was not taken. */
  get unread(): string {
    return this.#received.toString("latin1");
  }

  close(): void {
    this.socket.destroy();
  }

  /** Ends with a reset instead of an orderly goodbye. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async #until(isSo: () => boolean): Promise<void> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#changed = resolve;
      limit.addEventListener("abort", () => resolve());
      await promise;
      if (limit.aborted) throw new Error(`nothing came; unread: ${JSON.stringify(this.unread)}`);
    }
  }
}
