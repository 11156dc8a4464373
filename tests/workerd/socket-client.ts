/** A session on a WebSocket, of nothing but requests and replies. */

import { encodeRequests, replyEnd } from "../../pkg/src/framing.ts";
import { ReplyReader, type ReplyValue, readText } from "../../pkg/src/resp.ts";
import type { Workerd } from "./workerd.ts";

/** How long a reply may take before a test has failed. */
const PATIENCE_MS = 30_000;

export class SocketClient implements Disposable {
  readonly #socket: WebSocket;
  readonly #replies: ReplyValue[] = [];
  #bytes = Buffer.alloc(0);
  #arrived = Promise.withResolvers<void>();
  #closed: string | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#take(Buffer.from(data)));
    socket.addEventListener("close", ({ reason }) => {
      this.#closed = reason;
      this.#arrived.resolve();
    });
  }

  static async open(server: Workerd, rules: readonly string[] = []): Promise<SocketClient> {
    const url = new URL("connect", server.address.replace("http", "ws"));
    for (const rule of rules) url.searchParams.append("rule", rule);
    const socket = new WebSocket(url);
    const client = new SocketClient(socket);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    return client;
  }

  /** How many replies have come that nobody has taken. */
  get arrived(): number {
    return this.#replies.length;
  }

  send(...commands: string[][]): void {
    this.sendBytes(encodeRequests(commands));
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  /** The next reply or push. */
  async next(): Promise<ReplyValue> {
    const timeout = setTimeout(() => this.#arrived.reject(new Error("no reply")), PATIENCE_MS);
    try {
      while (this.#replies.length === 0) {
        if (this.#closed !== undefined) throw new Error(`closed: ${this.#closed}`);
        this.#arrived = Promise.withResolvers();
        await this.#arrived.promise;
      }
    } finally {
      clearTimeout(timeout);
    }
    return this.#replies.shift()!;
  }

  /** The reply to a command. An error is a value here. */
  call(...argv: string[]): Promise<ReplyValue> {
    this.send(argv);
    return this.next();
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const end = this.#bytes.byteLength === 0 ? -1 : replyEnd(this.#bytes, 0);
      if (end < 0) break;
      this.#replies.push(new ReplyReader(this.#bytes.subarray(0, end)).value(readText));
      this.#bytes = this.#bytes.subarray(end);
    }
    this.#arrived.resolve();
  }
}
