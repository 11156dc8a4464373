/** One TCP connection: a client of the engine, whose replies go to the socket as they are. */

import type { Socket } from "node:net";
import process from "node:process";
import type { Held } from "../call.ts";
import type { EngineClient, EngineHost } from "../host.ts";
import * as limits from "../limits.ts";
import { writeFailureText } from "../local.ts";
import { endpoint } from "./address.ts";

/** What a connection is told when the engine breaks at its request. */
const LOST = "-TRYAGAIN the engine was lost; whether this took effect is not known\r\n";

/** What a connection tells the server that took it in. */
export interface ConnectionEvents {
  /** It was closed because it left too much unread. */
  onLaggard(connection: Connection): void;
  /** It is gone. */
  onGone(connection: Connection): void;
}

/**
 * A connection, from its first byte to its end.
 *
 * Who does not read is not read from: while the socket or the output gate holds much for this
 * connection, its requests stay in the network. Messages that others cause cannot be kept from
 * coming; who leaves those unread is closed.
 */
export class Connection implements EngineClient {
  readonly #socket: Socket;
  readonly #host: EngineHost;
  readonly #events: ConnectionEvents;
  readonly #id: number;
  /** Replies that wait for a commit, and their bytes. */
  #held = 0;
  #heldBytes = 0;
  /** Requests rest in the engine until what was asked before has been taken. */
  #isResting = false;
  /** Its bytes are being run. */
  #isRunning = false;
  /** It sends nothing to the engine any more; what it was promised is still sent. */
  #isOver = false;

  constructor(socket: Socket, host: EngineHost, events: ConnectionEvents) {
    this.#socket = socket;
    this.#host = host;
    this.#events = events;
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("drain", () => this.#goOn());
    socket.on("end", () => this.finish());
    // An error, a reset for one, is followed by "close".
    socket.on("error", () => {});
    socket.on("close", () => this.#gone());
    this.#id = host.join(this, originOf(socket), "password");
  }

  /** Where its other end is; nothing for one that is closed. */
  get peer(): string {
    const { remoteAddress, remotePort } = this.#socket;
    if (remoteAddress === undefined || remotePort === undefined) return "a connection";
    return endpoint(remoteAddress, remotePort);
  }

  answer(bytes: Uint8Array, start: number, end: number, held: Held[] | undefined): void {
    if (this.#isOver) return;
    const reply = Buffer.allocUnsafe(end - start);
    reply.set(bytes.subarray(start, end));
    if (held === undefined) this.#socket.write(reply);
    else this.#hold(reply, held);
    if (this.#socket.writableLength + this.#heldBytes > limits.laggardBytes) this.#cutOff();
  }

  rest(): void {
    this.#isResting = true;
    this.#socket.pause();
    this.#goOnSoon();
  }

  hangUp(): void {
    this.#isOver = true;
    this.#endWhenSent();
  }

  drop(): void {
    this.#isOver = true;
    // What was held has been answered.
    const isAnswered = this.#held > 0;
    this.#held = 0;
    if (this.#isRunning && !isAnswered) this.#socket.write(this.#misconf() ?? LOST);
    this.#endWhenSent();
  }

  /** What is said instead of a reply to something that could not be kept. */
  #misconf(): string | undefined {
    const cause = this.#host.writeFailure;
    if (cause === undefined) return undefined;
    return `-MISCONF Errors writing to the AOF file: ${writeFailureText(cause)}\r\n`;
  }

  /** Takes no more requests; ends once what was promised is sent. */
  finish(): void {
    this.#isOver = true;
    this.#host.leave(this.#id);
    this.#endWhenSent();
  }

  /** Closes without waiting for the other side to do so. Nothing may be held any more. */
  close(): void {
    this.finish();
    this.#socket.destroySoon();
  }

  #receive(bytes?: Buffer): void {
    if (this.#isOver) return;
    this.#isResting = false;
    this.#isRunning = true;
    this.#host.run(this.#id, bytes);
    this.#isRunning = false;
    if (this.#isBehind) this.#socket.pause();
  }

  /** Whether it has to take what it asked for before it may ask for more. */
  get #isBehind(): boolean {
    if (this.#isOver) return false;
    if (this.#socket.writableNeedDrain || this.#heldBytes > limits.heldBytes) return true;
    return this.#held > 0 && this.#host.isCongested;
  }

  /** Others have their turn between two of this one; and what is being released is out by then. */
  #goOnSoon(): void {
    setImmediate(() => this.#goOn());
  }

  /** Goes on with what rests, then with what comes. */
  #goOn(): void {
    if (this.#isResting && !this.#isBehind) this.#receive();
    if (!this.#isResting && !this.#isBehind) this.#socket.resume();
  }

  #hold(reply: Buffer, held: Held[]): void {
    this.#held += 1;
    this.#heldBytes += reply.byteLength;
    held.push({ release: () => this.#release(reply), drop: () => this.#refuse() });
  }

  /** A reply will not go out. It may have told of several requests: the connection ends with this. */
  #refuse(): void {
    const misconf = this.#misconf();
    if (misconf !== undefined && !this.#socket.writableEnded) this.#socket.write(misconf);
  }

  #release(reply: Buffer): void {
    this.#held -= 1;
    this.#heldBytes -= reply.byteLength;
    // A commit may release many: they leave together.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(reply);
    if (this.#isOver) this.#endWhenSent();
    else if (this.#socket.isPaused()) this.#goOnSoon();
  }

  /** Ends this side; the other one has some time to read what was sent and to end its own. */
  #endWhenSent(): void {
    if (this.#held > 0 || this.#socket.writableEnded) return;
    this.#socket.end();
    // Unread bytes would make a reset of the end, and the last replies would be lost to it.
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), limits.lingerMs).unref();
  }

  #cutOff(): void {
    this.#isOver = true;
    this.#events.onLaggard(this);
    this.#socket.destroy();
  }

  #gone(): void {
    this.#isOver = true;
    this.#host.leave(this.#id);
    this.#events.onGone(this);
  }
}

/** What CLIENT LIST says of where a connection comes from. */
function originOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  const end = (host?: string, port?: number) => endpoint(host ?? "unix", port ?? 0);
  // Node does not tell the descriptor; Redis, too, writes -1 where there is none.
  return `addr=${end(remoteAddress, remotePort)} laddr=${end(localAddress, localPort)} fd=-1`;
}
