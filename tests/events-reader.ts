/** A reader of a stream's events. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One who follows, over a connection of its own that can be left unread. */
export class Reader {
  readonly ids: string[] = [];
  readonly #socket: Socket;
  #text = "";
  #news: (() => void) | undefined;

  constructor(address: URL) {
    this.#socket = connect(Number(address.port), address.hostname);
    const path = address.pathname + address.search;
    this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: ${address.host}\r\n\r\n`);
    this.#socket.setEncoding("latin1").on("data", (text: string) => this.#take(text));
    // A server that is killed, or the reset from here.
    this.#socket.on("error", () => {});
  }

  /** Until its response has begun. */
  static async begun(address: URL): Promise<Reader> {
    const reader = new Reader(address);
    await once(reader.#socket, "data");
    return reader;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Breaks the connection, so that the server learns of it at once. */
  leave(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when it has so many events. */
  async has(count: number): Promise<void> {
    while (this.ids.length < count)
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
  }

  #take(text: string): void {
    this.#text += text;
    const lines = this.#text.split("\n");
    this.#text = lines.pop() as string;
    for (const line of lines) if (line.startsWith("id: ")) this.ids.push(line.slice(4));
    this.#news?.();
  }
}
