/** ioredis' client, on a keyspace of this process instead of a server. */

import { Readable } from "node:stream";
import { isBlocking } from "../../commands/blocking.ts";
import { CommandError } from "../../errors.ts";
import type { ReplyReader } from "../../resp.ts";
import { soon } from "../../soon.ts";
import { afterThisPass, type Link, openLink } from "../link.ts";
import { type Subscribing, Subscriptions } from "../subscriptions.ts";
import { asCallback, type Callback, Command, replyError } from "./command.ts";
import { Commander } from "./commander.ts";
import { type AllOptions, addressOf, commandsFor, type Options, parseOptions } from "./options.ts";
import { Pipeline, type Sender, wrapResults } from "./pipeline.ts";

type Status = "wait" | "connecting" | "connect" | "ready" | "close" | "end";

const SUBSCRIBING = new Set(["subscribe", "psubscribe", "unsubscribe", "punsubscribe"]);
const CLOSED = "Connection is closed.";

/** A client. It is used as ioredis' `Redis` is; the types are ioredis' own, see `eddyline/ioredis`. */
export class Redis extends Commander implements Sender {
  readonly options: AllOptions;
  readonly isCluster: boolean = false;
  status: Status = "wait";
  #link: Link | undefined;
  /** What was sent before there was a connection. */
  #offline: { send: (link: Link) => void; reject: (reason: unknown) => void }[] = [];
  #subscriptions = new Subscriptions((channel, message, pattern) =>
    this.#hear(channel, message, pattern),
  );
  /** Between MULTI and EXEC nothing waits. */
  #inTransaction = false;
  /** Counts connections: what an older one tells is of no interest. */
  #epoch = 0;

  constructor(...args: readonly unknown[]) {
    super();
    this.options = parseOptions(args);
    if (!this.options.lazyConnect) this.connect().catch(() => {});
  }

  static createClient(...args: readonly unknown[]): Redis {
    return new Redis(...args);
  }

  get mode(): "normal" {
    return "normal";
  }

  /** Connects, which the constructor does unless `lazyConnect` is set. */
  connect(callback?: Callback): Promise<void> {
    return asCallback(this.#connect(), callback);
  }

  async #connect(): Promise<void> {
    if (this.status === "connecting" || this.status === "connect" || this.status === "ready")
      throw new Error("Redis is already connecting/connected");
    this.#setStatus("connecting");
    const epoch = ++this.#epoch;
    try {
      const link = await openLink({
        address: addressOf(this.options),
        token: this.options.password ?? undefined,
        name: this.options.connectionName ?? undefined,
        database: this.options.db,
        onPush: (push) => this.#subscriptions.take(push),
        onOver: (reason) => epoch === this.#epoch && this.#end(reason),
      });
      if (epoch !== this.#epoch) {
        link.end(new Error(CLOSED));
        throw new Error(CLOSED);
      }
      this.#setStatus("connect");
      this.#begin(link);
    } catch (error) {
      if (epoch === this.#epoch) this.#fail(error);
      throw error;
    }
  }

  #begin(link: Link): void {
    this.#link = link;
    this.#setStatus("ready");
    const { data, keyPrefix } = this.options;
    for (const [name, ...args] of commandsFor(data))
      void this.#sendOver(link, new Command(name, args, { keyPrefix })).catch(() => {});
    for (const { send } of this.#offline.splice(0)) send(link);
  }

  #fail(error: unknown): void {
    this.#flush(error);
    if (this.listenerCount("error") > 0) this.emit("error", error);
    else console.error("[ioredis] Unhandled error event:", error);
    this.#setStatus("end");
  }

  /** Ends the connection at once: what is not answered is rejected. */
  disconnect(): void {
    this.#end(new Error(CLOSED));
  }

  /** The older name of {@link disconnect}. */
  end(): void {
    this.disconnect();
  }

  /** A client with the same options, but for those that are given. */
  duplicate(override: Options = {}): Redis {
    return new Redis({ ...this.options, data: undefined, ...override });
  }

  sendCommand(command: Command): Promise<unknown> {
    const name = command.name.toLowerCase();
    const [sent] = command.args;
    const promise = this.send(command, name === "exec" ? readReplies : undefined);
    promise.then(command.resolve, command.reject);
    if (name === "select" && /^\d+$/.test(String(sent))) this.emit("select", Number(sent));
    return command.promise;
  }

  /** Sends a command, whose reply `read` takes; the command's own promise is not settled. */
  send(command: Command, read = command.read): Promise<unknown> {
    if (this.status === "wait") this.connect().catch(() => {});
    if (this.status === "end" || this.status === "close") return Promise.reject(new Error(CLOSED));
    const link = this.#link;
    if (link !== undefined) return this.#sendOver(link, command, read);
    if (this.options.enableOfflineQueue === false) {
      const text = "Stream isn't writeable and enableOfflineQueue options is false";
      return Promise.reject(new Error(text));
    }
    return new Promise((resolve, reject) => {
      const send = (opened: Link) => resolve(this.#sendOver(opened, command, read));
      this.#offline.push({ send, reject });
    });
  }

  async #sendOver(
    link: Link,
    command: Command,
    read: (reader: ReplyReader) => unknown = command.read,
  ): Promise<unknown> {
    const { argv } = command;
    const name = command.name.toLowerCase();
    try {
      if (SUBSCRIBING.has(name))
        return await this.#subscriptions.change(link, name as Subscribing, argv.slice(1));
      if (name === "quit") return await this.#quit(link);
      if (name === "select") link.setDatabase(Number(argv[1]));
      if (name === "multi") this.#inTransaction = true;
      else if (name === "exec" || name === "discard") this.#inTransaction = false;
      const waits = !this.#inTransaction && isBlocking(argv);
      return await link.send(argv, read, waits ? {} : undefined);
    } catch (error) {
      throw error instanceof CommandError ? replyError(error, command) : error;
    }
  }

  /** Once what was sent before is answered. */
  async #quit(link: Link): Promise<"OK"> {
    await link.send(["PING"], (reader) => reader.text());
    afterThisPass(() => this.disconnect());
    return "OK";
  }

  /** Collects commands to send them together. */
  pipeline(commands: readonly (readonly [string, ...unknown[]])[] = []): Pipeline {
    return new Pipeline(this, false).addBatch(commands);
  }

  /** Collects commands to do them together; with `{ pipeline: false }` begins to do so at once. */
  multi(commands?: unknown, options?: { pipeline?: boolean }): unknown {
    const given = Array.isArray(commands) ? commands : [];
    const { pipeline } = options ?? (Array.isArray(commands) ? {} : ((commands ?? {}) as Options));
    const multi = new Command("multi", [], { replyEncoding: "utf8" });
    if (pipeline === false) return this.sendCommand(multi);
    return new Pipeline(this, true).sendCommand(multi).addBatch(given);
  }

  /** The keys, part by part, as a stream of arrays. */
  scanStream(options: ScanStreamOptions = {}): Readable {
    return Readable.from(this.#scan("scan", options), { objectMode: true });
  }

  /** Like {@link scanStream}, with `Buffer`s. */
  scanBufferStream(options: ScanStreamOptions = {}): Readable {
    return Readable.from(this.#scan("scanBuffer", options), { objectMode: true });
  }

  async *#scan(
    method: "scan" | "scanBuffer",
    { match, type, count }: ScanStreamOptions,
  ): AsyncGenerator<unknown> {
    const options = Object.entries({ MATCH: match, TYPE: type, COUNT: count });
    const words = options.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
    const replyEncoding = method === "scan" ? "utf8" : null;
    for (let cursor = "0"; ; ) {
      const scan = new Command("scan", [cursor, ...words], { replyEncoding });
      const [next, keys] = (await this.sendCommand(scan)) as [unknown, unknown];
      yield keys;
      cursor = String(next);
      if (cursor === "0") return;
    }
  }

  #hear(channel: Buffer, message: Buffer, pattern: Buffer | undefined): void {
    if (pattern === undefined) {
      this.emit("message", String(channel), String(message));
      this.emit("messageBuffer", channel, message);
    } else {
      this.emit("pmessage", String(pattern), String(channel), String(message));
      this.emit("pmessageBuffer", String(pattern), channel, message);
    }
  }

  #end(reason: unknown): void {
    if (this.status === "end") return;
    this.#epoch++;
    const link = this.#link;
    this.#link = undefined;
    this.#inTransaction = false;
    link?.end(reason);
    this.#flush(reason);
    this.#subscriptions.end(reason);
    this.#setStatus("close");
    this.#setStatus("end");
  }

  #flush(reason: unknown): void {
    for (const { reject } of this.#offline.splice(0)) reject(reason);
  }

  #setStatus(status: Status): void {
    this.status = status;
    soon(() => this.emit(status));
  }
}

/** Options of {@link Redis.scanStream}. */
export interface ScanStreamOptions {
  match?: string;
  type?: string;
  count?: number;
}

/** Takes the reply of an EXEC that was sent by itself. */
function readReplies(reader: ReplyReader): unknown {
  const replies = new Command("exec", [], { replyEncoding: "utf8" }).read(reader);
  return Array.isArray(replies) ? wrapResults(replies) : replies;
}

/** A cluster of one: everything is in one keyspace. */
export class Cluster extends Redis {
  override readonly isCluster = true;

  constructor(startupNodes: readonly unknown[], options: { redisOptions?: Options } = {}) {
    super(startupNodes[0], options.redisOptions ?? {}, options);
  }

  nodes(): Redis[] {
    return [this];
  }
}
