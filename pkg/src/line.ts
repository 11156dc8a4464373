/** A session over one WebSocket: requests go out together, replies come in their order. */

import { limits } from "./limits.ts";
import { commandsOf, type PendingRequest, settle } from "./pending.ts";
import { type Argv, encodeRequests, ReplyReader, readText, replyEnd } from "./resp.ts";
import { offeredProtocols } from "./subprotocols.ts";

/** Makes a socket; by default the platform's. */
export type OpenSocket = (address: URL, protocols: string[]) => WebSocket;

/** Where a line leads, and what opens it. */
export interface LineOptions {
  /** The address of `/v1/connect`. */
  address: URL;
  token: string | undefined;
  open?: OpenSocket | undefined;
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
  #unanswered: PendingRequest[] = [];
  #received: Uint8Array = new Uint8Array(0);
  #isOver = false;

  /** @param onLost hears what was sent and will not be answered, as the line has ended */
  constructor(options: LineOptions, onLost: (unanswered: PendingRequest[]) => void) {
    const {
      address,
      token,
      open = (url, protocols) => new WebSocket(String(url), protocols),
    } = options;
    this.#onLost = onLost;
    this.#socket = open(address, offeredProtocols(token));
    this.#socket.binaryType = "arraybuffer";
    this.opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", () => {
        this.send([GREETING]);
        resolve();
      });
      this.#socket.addEventListener("close", () => {
        reject(new Error("the WebSocket could not be opened"));
        this.#end();
      });
    });
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

  /** Sends requests. It has been opened. */
  send(requests: readonly PendingRequest[]): void {
    if (this.#isOver) {
      this.#onLost([...requests]);
      return;
    }
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
  }

  /** Ends it; what is not answered is not told. */
  close(): void {
    this.#isOver = true;
    this.#socket.close();
  }

  #write(commands: readonly Argv[]): void {
    const bytes = encodeRequests(commands);
    for (let at = 0; at < bytes.byteLength; at += limits.socketMessageBytes)
      this.#socket.send(bytes.subarray(at, at + limits.socketMessageBytes));
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
