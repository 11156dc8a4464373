/** What carries commands to an engine: in this process, or over the network. */

import type { ExportOptions, ExportSource, ImportOptions } from "./moving.ts";
import type { Argument, Argv, ReadReply, ReplyValue } from "./resp.ts";

/** Given with a command that may wait for entries. */
export interface Wait {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** A way to an engine. */
export interface Transport {
  /**
   * Sends one command. Commands sent before the current task's microtasks have run travel together;
   * replies come in their order.
   *
   * @param read takes the reply into its final shape
   * @param wait marks a command that may wait; it never holds up others
   */
  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T>;
  /**
   * Sends commands between MULTI and EXEC, nothing of anybody else's among them.
   *
   * @param read takes EXEC's reply
   * @returns rejected with the refusal of a command that could not be queued; nothing is done then
   */
  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T>;
  /** Ends what waits, lets the rest finish, and frees everything. */
  close(): Promise<void>;
}

/** A way on which exports and imports go. */
export interface MovingTransport {
  /** Reads an export of these keys, or of all; see {@link Eddyline.export}. */
  export(keys: readonly Argument[], options: ExportOptions): AsyncGenerator<Uint8Array, void>;
  /** Writes an import; see {@link Eddyline.import}. */
  import(source: ExportSource, options: ImportOptions): Promise<number>;
}

/** What a {@link Connection} tells of itself besides the answers to its commands. */
export interface ConnectionEvents {
  /**
   * Something came that nobody asked for: that a channel is subscribed to, as
   * `["subscribe", channel, count]`, or a message of one, as `["message", channel, message]`.
   */
  onPush(push: readonly ReplyValue<Uint8Array>[]): void;
  /** It ended otherwise than by {@link Connection.close}: what it had begun is gone. */
  onEnd(reason: unknown): void;
}

/** A client that nobody shares: it may begin a transaction, watch keys, and hear channels. */
export interface Connection {
  /**
   * Sends any command; the strings of its reply come as bytes. Commands are answered in their order,
   * one that waits holds up those behind it. A subscription resolves to `null` and is told by
   * {@link ConnectionEvents.onPush}.
   *
   * @throws CommandError when it is refused
   */
  send(argv: Argv): Promise<ReplyValue<Uint8Array>>;
  /** Ends it: what is not answered is rejected, what was begun is given up. */
  close(): void;
}

/** A way on which connections of one's own go. */
export interface ConnectingTransport {
  /** Opens a connection; see {@link Eddyline.connect}. */
  connect(events: ConnectionEvents): Promise<Connection>;
}

/** Who does the work of a keyspace that several share. */
export interface Leadership {
  /** Whether it is this one. */
  readonly isLeader: boolean;
  /** Calls `listener` when another one leads from now on; what is returned ends that. */
  onLeaderChange(listener: (isLeader: boolean) => void): () => void;
}
