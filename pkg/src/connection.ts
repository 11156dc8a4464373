/**
 * Connections of one's own: a client that nobody shares, for commands that change a connection.
 * Loaded when the first one is opened.
 */

import { concat } from "./bytes.ts";
import { type Call, type Held, readAnswer } from "./call.ts";
import { wordOf } from "./commands/blocking.ts";
import { ClosedError, TransportError, UnsupportedError } from "./errors.ts";
import { encodeRequests, replyEnd } from "./framing.ts";
import type { EngineClient, EngineHost } from "./host.ts";
import * as limits from "./limits.ts";
import type { LineOptions } from "./line.ts";
import type { Speaker } from "./moving.ts";
import { type Argv, type ReadReply, ReplyReader, type ReplyValue, readBytes } from "./resp.ts";
import { soon } from "./soon.ts";
import type { Connection, ConnectionEvents } from "./transport.ts";
import { openSocket, sendInPieces } from "./web-socket.ts";

type Reply = ReplyValue<Uint8Array>;

const readReply: ReadReply<Reply> = (reader) => reader.value(readBytes);

/** Whether a command is answered by pushes, one for each channel. */
function isSubscription(argv: Argv): boolean {
  return /^P?(UN)?SUBSCRIBE$/.test(wordOf(argv[0]));
}

/** Has pushes and maps come as such. What hinders that hinders what is sent next as well. */
function greet(connection: Connection): void {
  connection.send(["HELLO", "3"]).catch(() => {});
}

/** What was asked on a connection, and is answered in its order. */
class Conversation {
  readonly #events: ConnectionEvents;
  #waiting: (Call & { readonly byPush: boolean })[] = [];
  #isOver = false;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** Sends a command; with the first push that answers it, a subscription is settled with `null`. */
  ask(argv: Argv, send: () => void): Promise<Reply> {
    if (this.#isOver) return Promise.reject(new ClosedError("the connection has ended"));
    return new Promise((resolve, reject) => {
      const call = { read: readReply, resolve: resolve as Call["resolve"], reject };
      const waiting = { ...call, byPush: isSubscription(argv) };
      this.#waiting.push(waiting);
      try {
        send();
      } catch (error) {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(error);
      }
    });
  }

  /** Takes one reply; what is to be told of it must not reach anybody before it is let out. */
  take(reader: ReplyReader): Held {
    if (!reader.isPush()) {
      const call = this.#waiting.shift();
      if (call !== undefined) return readAnswer(reader, call);
      readReply(reader);
      return { release: () => {}, drop: () => {} };
    }
    const push = readReply(reader) as Reply[];
    const [kind] = push;
    const isAnswer = kind instanceof Uint8Array && isSubscription([kind]);
    const call = isAnswer && this.#waiting[0]?.byPush ? this.#waiting.shift() : undefined;
    return {
      release: () => {
        call?.resolve(null);
        // Not at once: whoever hears of it may call the engine, which is in the middle of a turn.
        soon(() => {
          if (!this.#isOver) this.#events.onPush(push);
        });
      },
      drop: (reason) => call?.reject(reason),
    };
  }

  /** Ends it; what waits is rejected. `isOurs` for an end that nobody need hear of. */
  end(reason: unknown, isOurs: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    if (!isOurs) this.#events.onEnd(reason);
  }
}

/** A connection to an engine in this process. */
export class HostConnection implements Connection, EngineClient {
  readonly #host: EngineHost;
  readonly #conversation: Conversation;
  readonly #reader = new ReplyReader();
  readonly #id: number;

  constructor(host: EngineHost, events: ConnectionEvents) {
    this.#host = host;
    this.#conversation = new Conversation(events);
    this.#id = host.join(this, "addr=127.0.0.1:0 laddr=127.0.0.1:0 fd=-1");
    greet(this);
  }

  send(argv: Argv): Promise<Reply> {
    return this.#conversation.ask(argv, () => this.#host.write(this.#id, argv));
  }

  close(): void {
    this.#conversation.end(new ClosedError(), true);
    this.#host.leave(this.#id);
  }

  answer(bytes: Uint8Array, start: number, end: number, held: Held[] | undefined): void {
    this.#reader.reset(bytes, start, end);
    while (!this.#reader.done) {
      const told = this.#conversation.take(this.#reader);
      if (held === undefined) told.release();
      else held.push(told);
    }
  }

  hangUp(): void {
    this.drop(new ClosedError("the engine ended this connection"));
  }

  drop(reason: unknown): void {
    this.#conversation.end(reason, false);
  }
}

/** A connection over a WebSocket of its own. */
export class SocketConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #conversation: Conversation;
  #received: Uint8Array = new Uint8Array(0);

  private constructor(socket: WebSocket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#conversation = new Conversation(events);
    socket.addEventListener("message", ({ data }) => this.#receive(data as ArrayBuffer));
    socket.addEventListener("close", ({ reason }) =>
      this.#conversation.end(
        new TransportError(reason || "the server ended the connection"),
        false,
      ),
    );
  }

  /** @throws TransportError when the socket cannot be opened in time */
  static async open(options: LineOptions, events: ConnectionEvents): Promise<SocketConnection> {
    const { answerMs = limits.answerMs } = options;
    const socket = openSocket(options);
    await new Promise<void>((resolve, reject) => {
      const fail = () => {
        clearTimeout(timer);
        reject(new TransportError("the WebSocket could not be opened"));
      };
      const timer = setTimeout(() => {
        socket.close();
        fail();
      }, answerMs);
      socket.addEventListener("close", fail);
      socket.addEventListener("error", fail);
      socket.addEventListener("open", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const connection = new SocketConnection(socket, events);
    greet(connection);
    return connection;
  }

  send(argv: Argv): Promise<Reply> {
    return this.#conversation.ask(argv, () => sendInPieces(this.#socket, encodeRequests([argv])));
  }

  close(): void {
    this.#conversation.end(new ClosedError(), true);
    this.#socket.close();
  }

  #receive(data: ArrayBuffer): void {
    const bytes = concat([this.#received, new Uint8Array(data)]);
    let at = 0;
    while (at < bytes.byteLength) {
      const end = replyEnd(bytes, at);
      if (end < 0) break;
      this.#conversation.take(new ReplyReader(bytes.subarray(at, end))).release();
      at = end;
    }
    this.#received = bytes.subarray(at);
  }
}

/** A connection to an engine in another tab, which pushes nothing to this one. */
export class SpeakerConnection implements Connection {
  readonly #speaker: Speaker;

  constructor(speaker: Speaker) {
    this.#speaker = speaker;
    greet(this);
  }

  send(argv: Argv): Promise<Reply> {
    if (!isSubscription(argv)) return this.#speaker.ask(argv, readReply);
    return Promise.reject(
      new UnsupportedError(
        "messages of channels reach only the tab whose engine does the work, and that is another one now",
      ),
    );
  }

  close(): void {
    this.#speaker.end();
  }
}
