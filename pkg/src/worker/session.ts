/** The clients of an object's engine: a request that runs commands, and a socket that stays. */

import { concat } from "../bytes.ts";
import * as limits from "../limits.ts";
import { Mark } from "./mark.ts";
import type { Output, Resumption } from "./output.ts";

/** A client of the engine. */
export interface Session {
  readonly client: number;
  /** Takes an output, to be released when `told` is done. */
  add(output: Output, told: Promise<void> | undefined): void;
  /** The engine was lost, and with it what this client had asked. */
  fail(message: string): void;
}

/** A client that is one request, from its first byte to its last reply. */
export class RequestSession implements Session {
  readonly client: number;
  #replies: Uint8Array<ArrayBuffer>[] = [];
  #told: Promise<void> | undefined;

  constructor(client: number) {
    this.client = client;
  }

  add({ reply }: Output, told: Promise<void> | undefined): void {
    this.#replies.push(reply);
    this.#told = told;
  }

  /** It is one call long, so the call itself fails. */
  fail(): void {}

  /** Everything that was replied. */
  async replies(): Promise<Uint8Array<ArrayBuffer>> {
    await this.#told;
    return concat(this.#replies);
  }
}

/** What hibernates with a socket, at most 16 KiB of it: all that is known of its client. */
export interface Attachment extends Resumption {
  client: number;
  /** What it may do, as one RESP request; empty: everything. */
  rules: Uint8Array<ArrayBuffer>;
  /** It listens to channels, and does not wait for entries. */
  listens: boolean;
}

/** A client behind a socket. */
export class SocketSession implements Session {
  readonly #socket: WebSocket;
  readonly #rules: Uint8Array<ArrayBuffer>;
  readonly client: number;
  readonly #listens: boolean;
  #isParked: boolean;
  #isTooLarge = false;
  /** What it is has changed since the attachment was written. */
  #hasChanged = false;
  #sent: Promise<void> | undefined;
  #isOver = false;

  constructor(socket: WebSocket, { client, rules, listens, wait }: Attachment) {
    this.#socket = socket;
    this.#rules = rules;
    this.client = client;
    this.#listens = listens;
    this.#isParked = wait.byteLength > 0;
  }

  /** Whether it waits for entries. */
  get isParked(): boolean {
    return this.#isParked;
  }

  /** Whether the attachment cannot hold what it is, so that the object must not sleep. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  /** Whether {@link keep} is to be called. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  add(output: Output, told: Promise<void> | undefined): void {
    const { isParked, isBusy } = output;
    this.#hasChanged ||= this.#listens || this.#isParked || isParked || isBusy || this.#isTooLarge;
    this.#isParked = isParked;
    if (told === undefined && this.#sent === undefined) {
      this.#send(output);
      return;
    }
    const sent = Promise.all([this.#sent, told]).then(() => {
      this.#send(output);
      if (this.#sent === sent) this.#sent = undefined;
    });
    this.#sent = sent;
  }

  fail(message: string): void {
    if (!this.#isOver) this.#socket.send(message);
  }

  /** Ends it: what it was cannot be gone on with. */
  end(reason: string): void {
    this.#isOver = true;
    this.#socket.close(1011, reason);
  }

  /** Has the socket remember what its client is; `undefined`: it is in the middle of something. */
  keep(state: Resumption | undefined): void {
    this.#hasChanged = false;
    this.#isTooLarge = state === undefined || !this.#attach(state);
    if (state === undefined || !this.#isParked) return;
    const { wait, deadlineMs } = state;
    const head = new Uint8Array(17);
    head[0] = Mark.waits;
    new DataView(head.buffer).setFloat64(1, deadlineMs ?? Number.NaN, true);
    new DataView(head.buffer).setFloat64(9, Date.now(), true);
    this.#socket.send(concat([head, wait]));
  }

  #attach(state: Resumption): boolean {
    const bytes = state.setup.byteLength + state.wait.byteLength + this.#rules.byteLength;
    if (bytes > limits.attachmentBytes) return false;
    const { client } = this;
    const attachment: Attachment = { ...state, client, rules: this.#rules, listens: this.#listens };
    this.#socket.serializeAttachment(attachment);
    return true;
  }

  #send({ reply, isClosed }: Output): void {
    if (this.#isOver) return;
    for (let at = 0; at < reply.byteLength; at += limits.socketBytes) {
      const piece = reply.subarray(at, at + limits.socketBytes);
      const isLast = at + piece.byteLength === reply.byteLength;
      this.#socket.send(concat([Uint8Array.of(isLast ? Mark.end : Mark.more), piece]));
    }
    if (isClosed) this.#socket.close(1000, "the session is over");
  }
}
