/** A client's connection to a keyspace: in this process, or to a Worker over HTTP. */

import { Calls } from "../calls.ts";
import { UnsupportedError } from "../errors.ts";
import { RemoteTransport } from "../remote.ts";
import { type Argv, type ReadReply, ReplyReader, type ReplyValue } from "../resp.ts";
import type { Transport, Wait } from "../transport.ts";
import { useKeyspace } from "./keyspaces.ts";

/** What a connection begins with, and whom it tells what nobody asked for. */
export interface LinkOptions {
  /** `memory://name`, `file:./dir`, `https://…`. */
  readonly address: string;
  /** The bearer token of a Worker. */
  readonly token: string | undefined;
  readonly name: string | undefined;
  readonly database: number;
  /** A message of a channel, or that one is subscribed to. */
  onPush(push: readonly ReplyValue<Uint8Array>[]): void;
  /** The connection was ended by the other side. */
  onOver(reason: unknown): void;
}

/** A connection. What waits in it holds up nothing else. */
export interface Link extends Transport {
  /** Sends SUBSCRIBE or its like, which is answered by pushes. */
  tell(argv: Argv): void;
  /** Commands from now on are for this database. */
  setDatabase(database: number): void;
  /** Ends it at once: what is not answered is rejected. */
  end(reason: unknown): void;
}

/** Opens a connection. */
export async function openLink(options: LinkOptions): Promise<Link> {
  if (/^https?:/i.test(options.address)) return new RemoteLink(options);
  const keyspace = await useKeyspace(options.address);
  const host = await keyspace.transport.host();
  let { database } = options;
  const calls = new Calls(host, {
    origin: "addr=127.0.0.1:0 laddr=127.0.0.1:0 fd=-1",
    greeting() {
      const select = database === 0 ? [] : [["SELECT", String(database)]];
      return options.name ? [...select, ["CLIENT", "SETNAME", options.name]] : select;
    },
    onPush: (push) => options.onPush(push),
    onOver: (reason) => options.onOver(reason),
  });
  const others = connectionsOf(keyspace.transport);
  others.set(calls.id, calls);
  return {
    send: (argv, read, wait) => inNextPass(calls.send(unblocking(argv, others), read, wait)),
    transact: (commands, read) => inNextPass(calls.transact(commands, read)),
    tell: (argv) => calls.tell(argv),
    setDatabase(selected) {
      database = selected;
    },
    end(reason) {
      others.delete(calls.id);
      calls.end(reason);
      void keyspace.release();
    },
    close: () => keyspace.release(),
  };
}

/** The connections to each keyspace, by their number. */
const connections = new WeakMap<object, Map<number, Calls>>();

function connectionsOf(keyspace: object): Map<number, Calls> {
  const all = connections.get(keyspace) ?? new Map<number, Calls>();
  connections.set(keyspace, all);
  return all;
}

/** CLIENT UNBLOCK names a connection, but what waits in it does so under a number of its own. */
function unblocking(argv: Argv, all: Map<number, Calls>): Argv {
  const [name, subcommand, id, ...rest] = argv;
  if (!/^client$/i.test(String(name)) || !/^unblock$/i.test(String(subcommand))) return argv;
  const waiting = all.get(Number(id))?.waitingId;
  return waiting === undefined ? argv : ["CLIENT", "UNBLOCK", String(waiting), ...rest];
}

/**
 * Does something in the next pass of the event loop. Taken at once: tests put a clock of their own in
 * the place of the platform's.
 */
export const afterThisPass: (task: () => void) => void = setImmediate;
let nextPass: Promise<void> | undefined;

/**
 * Settles as a promise does, but in a later pass of the event loop, as a reply from the network:
 * whoever asks again and again shall not keep timers and everybody else from running.
 */
async function inNextPass<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } finally {
    nextPass ??= new Promise((resolve) => {
      afterThisPass(() => {
        nextPass = undefined;
        resolve();
      });
    });
    await nextPass;
  }
}

/**
 * A Worker, to which every batch of commands is a connection of its own: so a transaction is collected
 * here and sent whole, and what outlives a batch is refused.
 */
class RemoteLink implements Link {
  readonly #transport: RemoteTransport;
  /** Commands since MULTI. */
  #queued: Argv[] | undefined;

  constructor({ address, token }: LinkOptions) {
    this.#transport = RemoteTransport.to(new URL(address), token === undefined ? {} : { token });
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    const name = String(argv[0]).toUpperCase();
    if (name === "WATCH" || name === "UNWATCH") return Promise.reject(needsConnection(name));
    if (name === "MULTI" || (name === "DISCARD" && this.#queued !== undefined)) {
      this.#queued = name === "MULTI" ? [] : undefined;
      return answered(read, "+OK\r\n");
    }
    const queued = this.#queued;
    if (queued === undefined) return this.#transport.send(argv, read, wait);
    if (name !== "EXEC") {
      queued.push(argv);
      return answered(read, "+QUEUED\r\n");
    }
    this.#queued = undefined;
    return this.#transport.transact(queued, read);
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    return this.#transport.transact(commands, read);
  }

  tell(argv: Argv): void {
    throw needsConnection(String(argv[0]));
  }

  setDatabase(database: number): void {
    if (database !== 0) throw new UnsupportedError("a Worker has one database");
  }

  end(): void {
    void this.#transport.close();
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

function needsConnection(name: string): UnsupportedError {
  return new UnsupportedError(`${name} needs a connection, and HTTP has none`);
}

async function answered<T>(read: ReadReply<T>, reply: string): Promise<T> {
  return read(new ReplyReader(new TextEncoder().encode(reply)));
}
