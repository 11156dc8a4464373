/** A client of a server in its rawest form: bytes out, bytes in. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { replyEnd } from "../../pkg/src/framing.ts";

const LIMIT_MS = 10_000;
/** A socket on which nothing moves for so long stands still. */
const STILL_MS = 300;

/** What was waited for did not come in time. */
export class NothingCame extends Error {
  constructor(unread: string) {
    super(`nothing came; unread: ${JSON.stringify(unread.slice(0, 1000))}`);
  }
}

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
    return (await this.replyBytes()).toString("latin1");
  }

  /** Takes the next reply; fails when none comes in `limitMs`. */
  async replyBytes(limitMs: number = LIMIT_MS): Promise<Buffer> {
    await this.#until(() => replyEnd(this.#received, 0) >= 0, limitMs);
    const end = replyEnd(this.#received, 0);
    const reply = this.#received.subarray(0, end);
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

  /** Writes up to `count` times, until the other side takes no more; how often it did. */
  async writeUntilStill(bytes: Uint8Array, count: number): Promise<number> {
    for (let taken = 0; taken < count; taken++) {
      const written = new Promise<true>((resolve) => {
        this.socket.write(bytes, () => resolve(true));
      });
      if ((await Promise.race([written, sleep(STILL_MS, false)])) === false) return taken;
    }
    return count;
  }

  close(): void {
    this.socket.destroy();
  }

  /** Ends with a reset instead of an orderly goodbye. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async #until(isSo: () => boolean, limitMs: number = LIMIT_MS): Promise<void> {
    if (isSo()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new NothingCame(this.unread)), limitMs);
    this.#changed = () => {
      if (isSo()) resolve();
    };
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#changed = () => {};
    }
  }
}
