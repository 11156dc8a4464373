/** A session over one WebSocket: requests go out together, replies come in their order. */

import { encodeRequests, replyEnd } from "./framing.ts";
import * as limits from "./limits.ts";
import { commandsOf, type PendingRequest, settle } from "./pending.ts";
import { type Argv, ReplyReader, readText } from "./resp.ts";
import { openSocket, type SocketOptions, sendInPieces } from "./web-socket.ts";

/** Where a line leads, and what opens it. */
export interface LineOptions extends SocketOptions {
  /** How long an answer may take; by default `limits.answerMs`. */
  answerMs?: number | undefined;
}

const PUSH = 0x3e;

/** The greeting, whose reply is of no interest. */
const GREETING: PendingRequest = {
  argv: ["HELLO", "3"],
  call: { read: (reader) => reader.value(readText), resolve: () => {}, reject: () => {} },
};

/** A line, from its opening to its end. */
export class Line {
  readonly #socket: WebSocket;
  readonly #onLost: (unanswered: PendingRequest[]) => void;
  /** Resolves when it can be used; rejects when it cannot be opened. */
  readonly opened: Promise<void>;
  readonly #answerMs: number;
  #unanswered: PendingRequest[] = [];
  /** How long nothing may come while something is unanswered, and the timer of it. */
  #patienceMs = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #received: Uint8Array = new Uint8Array(0);
  #isOver = false;

  /** @param onLost hears what was sent and will not be answered, as the line has ended */
  constructor(options: LineOptions, onLost: (unanswered: PendingRequest[]) => void) {
    this.#onLost = onLost;
    this.#answerMs = options.answerMs ?? limits.answerMs;
    this.#socket = openSocket(options);
    const opened = Promise.withResolvers<void>();
    this.opened = opened.promise;
    const fail = () => {
      opened.reject(new Error("the WebSocket could not be opened"));
      this.#end();
    };
    this.#silence = setTimeout(() => {
      this.#socket.close();
      fail();
    }, this.#answerMs);
    this.#socket.addEventListener("open", () => {
      this.send([GREETING]);
      opened.resolve();
    });
    this.#socket.addEventListener("close", fail);
    this.opened.catch(() => {});
    this.#socket.addEventListener("error", () => {});
    this.#socket.addEventListener("message", ({ data }) => this.#receive(data as ArrayBuffer));
  }

  /** Whether it is of no use any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether every request was answered. */
  get isIdle(): boolean {
    return this.#unanswered.length === 0;
  }

  /**
   * Sends requests. It has been opened.
   *
   * @param waitMs how long they may wait, besides the time that an answer takes
   */
  send(requests: readonly PendingRequest[], waitMs = 0): void {
    if (this.#isOver) {
      this.#onLost([...requests]);
      return;
    }
    this.#patienceMs = waitMs + this.#answerMs;
    let commands: Argv[] = [];
    let bytes = 0;
    for (const request of requests) {
      this.#unanswered.push(request);
      for (const argv of commandsOf(request)) {
        commands.push(argv);
        bytes += argv.reduce((sum, word) => sum + word.length, 0);
      }
      if (bytes < limits.turnBytes) continue;
      this.#write(commands);
      [commands, bytes] = [[], 0];
    }
    if (commands.length > 0) this.#write(commands);
    this.#awaitSomething();
  }

  /** Ends it; what is not answered is not told. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#silence);
    this.#socket.close();
  }

  /** A connection may be dead without anybody saying so: then answers do not come. */
  #awaitSomething(): void {
    clearTimeout(this.#silence);
    if (this.isIdle || this.#isOver) return;
    this.#silence = setTimeout(() => {
      this.#socket.close();
      this.#end();
    }, this.#patienceMs);
  }

  #write(commands: readonly Argv[]): void {
    sendInPieces(this.#socket, encodeRequests(commands));
  }

  #receive(data: ArrayBuffer): void {
    const bytes = join(this.#received, new Uint8Array(data));
    let at = 0;
    while (!this.#isOver && at < bytes.byteLength) {
      const end: number = bytes[at] === PUSH ? replyEnd(bytes, at) : this.#settleNext(bytes, at);
      if (end < 0) break;
      at = end;
    }
    this.#received = bytes.subarray(at);
    this.#awaitSomething();
  }

  /** Settles the next request if its replies are all there; where they end, or -1. */
  #settleNext(bytes: Uint8Array, start: number): number {
    const request = this.#unanswered[0];
    if (request === undefined) {
      // Nobody asked for it: whatever follows cannot be told apart.
      this.#socket.close();
      return -1;
    }
    let end = start;
    for (let left = (request.before?.length ?? 0) + 1; left > 0 && end >= 0; left--)
      end = end < bytes.byteLength ? replyEnd(bytes, end) : -1;
    if (end < 0) return -1;
    this.#unanswered.shift();
    settle(request, new ReplyReader(bytes.subarray(start, end)));
    for (const follow of request.followers ?? []) follow();
    return end;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#silence);
    const unanswered = this.#unanswered.filter((request) => request !== GREETING);
    this.#unanswered = [];
    this.#onLost(unanswered);
  }
}

/** The address of the WebSocket of a server. */
export function lineAddress(server: URL): URL {
  const address = new URL("v1/connect", server.href.endsWith("/") ? server : `${server}/`);
  address.protocol = server.protocol.replace("http", "ws");
  return address;
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.byteLength === 0) return tail;
  const whole = new Uint8Array(head.byteLength + tail.byteLength);
  whole.set(head);
  whole.set(tail, head.byteLength);
  return whole;
}
