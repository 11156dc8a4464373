/** node-redis' client, on a keyspace of this process instead of a server. */

import { EventEmitter } from "node:events";
import { isBlocking } from "../../commands/blocking.ts";
import type { Value } from "../../commands/message.ts";
import { defineMethods } from "../../commands/methods.ts";
import { type ScanIteratorOptions, scanPages } from "../../commands/pages.ts";
import type { ScanReply } from "../../commands/plain.ts";
import { type Command, table } from "../../commands/table.ts";
import { UnsupportedError } from "../../errors.ts";
import {
  type Argument,
  type Arguments,
  type Argv,
  type ReadReply,
  type ReplyReader,
  readText,
} from "../../resp.ts";
import { TransactionQueue } from "../../transaction.ts";
import { type Subscribing, Subscriptions } from "../subscriptions.ts";
import { Core } from "./core.ts";
import { AbortError } from "./errors.ts";
import { type Listener, Listeners } from "./listeners.ts";
import type { CommandOptions, Options } from "./options.ts";

/** The ASCII code of `$`, which stands for blobs in a type mapping. */
const BLOB = 36;

/** Methods that are two words in capitals. */
const TWO_WORDS =
  /^(xGroup|xInfo|config|object|pubSub|xAdd(?=No)|xClaim(?=Just)|xAutoClaim(?=Just)|xPending(?=Range)|[lr]Pop(?=Count))(.+)$/;

const readBuffer = (reader: ReplyReader): Buffer => {
  const bytes = reader.bytes();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

/** A client. It is used as node-redis' is; the types are node-redis' own, see `eddyline/redis`. */
export class Client extends EventEmitter {
  readonly options: Options;
  // Not `#`: a view of the client is an object whose prototype the client is.
  private readonly core: Core;
  private readonly channels = new Listeners();
  private readonly patterns = new Listeners();
  private readonly subscriptions: Subscriptions;
  private commandOptions: CommandOptions;

  static {
    defineMethods(Client.prototype, (client, command, args) => client.run(command, args));
    for (const name of Object.keys(table)) {
      const method = Object.getOwnPropertyDescriptor(Client.prototype, name);
      if (method !== undefined) Object.defineProperty(Client.prototype, capitals(name), method);
    }
  }

  constructor(options: Options = {}) {
    super();
    this.options = options;
    this.commandOptions = options.commandOptions ?? {};
    this.subscriptions = new Subscriptions((channel, message, pattern) => {
      if (pattern === undefined) this.channels.tell(String(channel), channel, message);
      else this.patterns.tell(String(pattern), channel, message);
    });
    this.core = new Core(options, this, this.subscriptions);
  }

  get isOpen(): boolean {
    return this.core.isOpen;
  }

  get isReady(): boolean {
    return this.core.isReady;
  }

  get isPubSubActive(): boolean {
    return this.subscriptions.isActive;
  }

  async connect(): Promise<this> {
    await this.core.connect();
    return this;
  }

  /** A client with the same options, but for those that are given. */
  duplicate(override: Options = {}): Client {
    return new Client({ ...this.options, commandOptions: this.commandOptions, ...override });
  }

  /** The same client, whose commands have these options besides. */
  withCommandOptions(commandOptions: CommandOptions): this {
    return Object.assign(Object.create(this) as this, {
      commandOptions: { ...this.commandOptions, ...commandOptions },
    });
  }

  withTypeMapping(typeMapping: CommandOptions["typeMapping"]): this {
    return this.withCommandOptions({ typeMapping });
  }

  withAbortSignal(abortSignal: AbortSignal): this {
    return this.withCommandOptions({ abortSignal });
  }

  asap(): this {
    return this;
  }

  sendCommand(argv: Argv, options?: CommandOptions): Promise<unknown> {
    const read: ReadReply<unknown> = (reader) =>
      reader.value(valueReader(options ?? this.commandOptions));
    return this.send(argv, read, isBlocking(argv), options);
  }

  /** Several connections behind one client: here only {@link Pool.execute} needs one of its own. */
  createPool(): Pool {
    return new Pool(this.options);
  }

  /** Collects commands to do them together. */
  multi(): unknown {
    return new Multi(this.core, valueReader(this.commandOptions));
  }

  async select(database: number): Promise<void> {
    await this.core.over(async (link) => {
      link.setDatabase(database);
      return await link.send(["SELECT", String(database)], readText);
    });
  }

  watch(keys: Arguments): Promise<unknown> {
    const list = typeof keys === "string" || keys instanceof Uint8Array ? [keys] : keys;
    return this.core.send(["WATCH", ...list], readText);
  }

  unwatch(): Promise<unknown> {
    return this.core.send(["UNWATCH"], readText);
  }

  auth({ username, password }: { username?: string; password: string }): Promise<unknown> {
    return this.sendCommand(username ? ["AUTH", username, password] : ["AUTH", password]);
  }

  async clientInfo(): Promise<Record<string, unknown>> {
    return infoOf(String(await this.sendCommand(["CLIENT", "INFO"])));
  }

  async clientList(): Promise<Record<string, unknown>[]> {
    return String(await this.sendCommand(["CLIENT", "LIST"]))
      .trim()
      .split("\n")
      .map(infoOf);
  }

  async commandInfo(names: readonly string[]): Promise<unknown[]> {
    const commands = (await this.sendCommand(["COMMAND", "INFO", ...names])) as (
      | unknown[]
      | null
    )[];
    return commands.map((command) => {
      if (command === null) return null;
      const [name, arity, flags, firstKeyIndex, lastKeyIndex, step] = command;
      return { name, arity, flags: new Set(flags as string[]), firstKeyIndex, lastKeyIndex, step };
    });
  }

  clientId(): Promise<unknown> {
    return this.sendCommand(["CLIENT", "ID"]);
  }

  clientGetName(): Promise<unknown> {
    return this.sendCommand(["CLIENT", "GETNAME"]);
  }

  clientSetName(name: Argument): Promise<unknown> {
    return this.sendCommand(["CLIENT", "SETNAME", name]);
  }

  /** All keys, in pages that may be empty. */
  scanIterator(options: ScanIteratorOptions = {}): AsyncGenerator<string[], void, undefined> {
    const ask = (cursor: Argument) => this.run(table.scan, [cursor, options]) as Promise<ScanReply>;
    return scanPages(ask, options.cursor);
  }

  async subscribe(names: string | string[], listener: Listener, isBuffer = false): Promise<void> {
    await this.listen("subscribe", this.channels.add([names].flat(), listener, isBuffer));
  }

  async pSubscribe(names: string | string[], listener: Listener, isBuffer = false): Promise<void> {
    await this.listen("psubscribe", this.patterns.add([names].flat(), listener, isBuffer));
  }

  async unsubscribe(
    names?: string | string[],
    listener?: Listener,
    isBuffer = false,
  ): Promise<void> {
    const list = [names ?? this.channels.names()].flat();
    await this.listen("unsubscribe", this.channels.remove(list, listener, isBuffer));
  }

  async pUnsubscribe(
    names?: string | string[],
    listener?: Listener,
    isBuffer = false,
  ): Promise<void> {
    const list = [names ?? this.patterns.names()].flat();
    await this.listen("punsubscribe", this.patterns.remove(list, listener, isBuffer));
  }

  /** There are no shards: only libraries that tell the client by this method need it. */
  sSubscribe(): Promise<void> {
    return Promise.reject(new UnsupportedError("there are no shards to subscribe to"));
  }

  /** Ends once what was sent before is answered. */
  close(): Promise<void> {
    return this.core.close();
  }

  async quit(): Promise<"OK"> {
    await this.core.close();
    return "OK";
  }

  /** Ends at once: what is not answered is rejected. */
  destroy(): void {
    this.core.destroy();
  }

  async disconnect(): Promise<void> {
    this.core.destroy();
  }

  ref(): void {}

  unref(): void {}

  private async listen(kind: Subscribing, names: readonly string[]): Promise<void> {
    if (names.length > 0)
      await this.core.over((link) => this.subscriptions.change(link, kind, names));
  }

  private run(command: Command, args: readonly unknown[]): Promise<unknown> {
    const [write, reader, wait] = command;
    const read = reader(valueReader(this.commandOptions));
    return this.send(write(...(args as never[])), read, wait?.(args) !== undefined);
  }

  protected async send(
    argv: Argv,
    read: ReadReply<unknown>,
    mayWait: boolean,
    options: CommandOptions = this.commandOptions,
  ): Promise<unknown> {
    const { abortSignal: signal } = options;
    if (signal?.aborted) throw new AbortError();
    return await this.core.send(argv, read, mayWait ? { signal } : undefined);
  }
}

/** The other name that node-redis has of a method: `XGROUP_CREATE` of `xGroupCreate`. */
function capitals(name: string): string {
  const [, head = "", tail = name] = TWO_WORDS.exec(name) ?? [];
  return `${head}${head && "_"}${tail}`.toUpperCase();
}

/** A line of CLIENT LIST as an object: `lib-name=x` as `libName`, what looks like a number as one. */
function infoOf(line: string): Record<string, unknown> {
  const pairs = line
    .trim()
    .split(" ")
    .map((pair): [string, unknown] => {
      const [name = "", ...value] = pair.split("=");
      const text = value.join("=");
      const isNumber = /^-?\d+$/.test(text) && name !== "name";
      return [
        name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
        isNumber ? Number(text) : text,
      ];
    });
  return Object.fromEntries(pairs);
}

function valueReader({ typeMapping }: CommandOptions): ReadReply<Value> {
  return typeMapping?.[BLOB] === Buffer ? readBuffer : readText;
}

/** A client in place of a pool of them. What waits holds up nobody, so one connection is enough. */
export class Pool extends Client {
  /** A pool connects when it is first used. */
  protected override async send(...args: Parameters<Client["send"]>): Promise<unknown> {
    if (!this.isOpen) await this.connect();
    return await super.send(...args);
  }

  /** Does something over a connection of its own. */
  async execute<T>(use: (client: Client) => T | Promise<T>): Promise<T> {
    const client = await new Client(this.options).connect();
    try {
      return await use(client);
    } finally {
      client.destroy();
    }
  }
}

/** A transaction as node-redis has it. */
class Multi extends TransactionQueue<Value> {
  execTyped(): Promise<unknown[]> {
    return this.exec();
  }

  execAsPipelineTyped(): Promise<unknown[]> {
    return this.execAsPipeline();
  }
}
