/** Something between a program and a server that knows what was asked, and can cut them apart. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Passes bytes on in both directions. */
export class Relay implements AsyncDisposable {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  #said = "";
  #waiting: { word: string; times: number; resolve: () => void } | undefined;

  private constructor(port: number) {
    this.#listener = createServer((client) => {
      const server = connect(port, "127.0.0.1");
      client.on("data", (bytes) => this.#hear(bytes));
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from);
        from.on("error", () => {});
        from.once("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  /** One to the server on a port of this machine. */
  static async open(port: number): Promise<Relay> {
    const relay = new Relay(port);
    relay.#listener.listen(0, "127.0.0.1");
    await once(relay.#listener, "listening");
    return relay;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** How often a word was said to the server. */
  count(word: string): number {
    return this.#said.split(word).length - 1;
  }

  /** Resolves when a word was said so many times from now on. */
  asked(word: string, times: number): Promise<void> {
    this.forget();
    return new Promise((resolve) => {
      this.#waiting = { word, times, resolve };
    });
  }

  forget(): void {
    this.#said = "";
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #hear(bytes: Buffer): void {
    this.#said += bytes.toString("latin1");
    const { word, times, resolve } = this.#waiting ?? {};
    if (word !== undefined && this.count(word) >= (times ?? 0)) {
      this.#waiting = undefined;
      resolve?.();
    }
  }
}
