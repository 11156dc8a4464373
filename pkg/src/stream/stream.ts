/** One stream as a log of values: appended, read, followed, and shared out to groups. */

import type { Transport } from "../transport.ts";
import { readableOf } from "../web-streams.ts";
import type { AppendManyOptions, AppendOneOptions, Retention } from "./append.ts";
import type { DeliverOptions } from "./deliver.ts";
import { Entries } from "./entries.ts";
import type { EntriesOptions, FollowOptions } from "./entry-steps.ts";
import { Group } from "./group.ts";
import type { GroupOptions, GroupWork } from "./group-work.ts";
import type { Entry } from "./link.ts";
import type { Log, StreamOptions } from "./log.ts";
import type { Batches } from "./web.ts";

/** Options of {@link Stream.readable}. */
export type ReadableOptions =
  | (FollowOptions & { readonly follow?: true | undefined })
  | (EntriesOptions & {
      /** Ends at the stream's end instead of waiting for more. */
      readonly follow: false;
    });

/**
 * A stream of values: what is appended as `In` is read as `Out`. Made by `db.stream(…)`; it holds
 * nothing that has to be closed, and there may be many for one stream.
 *
 * @example
 * ```ts
 * const orders = db.stream<{ item: string; cups: number }>("orders");
 * await orders.append({ item: "tea", cups: 2 });
 * for await (const { id, value } of orders.entries()) console.log(id, value.cups);
 * ```
 */
export class Stream<In, Out = In> {
  /** The stream's key. */
  readonly key: string;
  readonly #transport: Transport;
  readonly #options: StreamOptions<In, Out>;
  #loading: Promise<Log<In, Out>> | undefined;

  constructor(transport: Transport, key: string, options: StreamOptions<In, Out> = {}) {
    this.#transport = transport;
    this.key = key;
    this.#options = options;
  }

  /**
   * Appends a value; its entry's ID. With a schema, what it does not take is not appended.
   *
   * @throws ValidationError when the schema refuses the value
   * @throws TypeError for what would not be read as it was written
   *
   * @example
   * ```ts
   * await orders.append({ item: "tea", cups: 2 }, { idempotencyKey: "order-7" });
   * ```
   */
  append(value: In, options?: AppendOneOptions): Promise<string>;
  /** Appends values in order, in one pipeline; the IDs of their entries. */
  append(values: readonly In[], options?: AppendManyOptions<In>): Promise<string[]>;
  async append(
    given: In | readonly In[],
    options: AppendOneOptions | AppendManyOptions<In> = {},
  ): Promise<string | string[]> {
    const { appender } = await this.#log();
    return await appender.append(given, options);
  }

  /** Removes what is not to be kept; how many entries. */
  async trim(retention: Retention): Promise<number> {
    const { appender } = await this.#log();
    return await appender.trim(retention);
  }

  /**
   * What is in the stream, oldest first or newest first, a page at a time: however long it is.
   * What is appended meanwhile is read too, unless `to` or `limit` ends before it.
   *
   * @throws ValidationError for an entry that schema or codec refuse, in the loop
   *
   * @example
   * ```ts
   * const anHourAgo = new Date(Date.now() - 3_600_000);
   * for await (const { value } of orders.entries({ from: anHourAgo })) console.log(value.item);
   * const [newest] = await Array.fromAsync(orders.entries({ reverse: true, limit: 1 }));
   * ```
   */
  entries(options: EntriesOptions = {}): Entries<Out> {
    return new Entries(async () => (await this.#log()).entries(options));
  }

  /**
   * What is in the stream, and then what is appended to it, without end. Every follower is given
   * everything; where work is to be shared out use a {@link group}. To go on where another loop
   * ended give the ID that it read last: `{ after: id }`.
   *
   * @example
   * ```ts
   * for await (const { id, value } of orders.follow({ from: "$", signal })) show(id, value);
   * ```
   */
  follow(options: FollowOptions = {}): Entries<Out> {
    return new Entries(async () => (await this.#log()).follow(options));
  }

  /**
   * {@link follow}, or with `follow: false` {@link entries}, as a Web Stream. A page is read when
   * the reader has taken the one before it.
   */
  readable(options: ReadableOptions = {}): ReadableStream<Entry<Out>> {
    return readableOf(options.follow === false ? this.entries(options) : this.follow(options));
  }

  /**
   * A Web Stream that appends what is written to it. Chunks written while an append is under way
   * are appended together, and a writer waits when a thousand of them do. `close()`, and so
   * `pipeTo`, resolves when all of them are kept; a single `write()` may resolve before.
   *
   * @example
   * ```ts
   * const writer = orders.writable().getWriter();
   * for (const cups of [1, 2, 3]) await writer.write({ item: "tea", cups });
   * await writer.close();
   * ```
   */
  writable(options: AppendManyOptions<In> = {}): WritableStream<In> {
    let batches: Batches<In>;
    const close = (): Promise<void> => batches.close();
    return new WritableStream<In>({
      start: async (controller) => {
        const log = await this.#log();
        batches = log.batches(options, (reason) => controller.error(reason));
      },
      write: (value) => batches.write(value),
      close,
      abort: () => close().catch(() => {}),
    });
  }

  /**
   * A consumer group: each entry is processed by one of its consumers. It is created when it is
   * used first.
   *
   * @example
   * ```ts
   * await orders.group("billing").process(async ({ value }) => charge(value), { signal });
   * ```
   */
  group(name: string, options: GroupOptions = {}): Group<Out> {
    let group: Promise<GroupWork<Out>> | undefined;
    return new Group(name, () => {
      group ??= this.#log().then((log) => log.group(name, options));
      return group;
    });
  }

  /**
   * Brings what is appended here to another stream, perhaps behind a network, in order and each
   * value once, and then deletes it here: an outbox. While that cannot be reached it tries again and
   * again, and at once when the browser is back online. Several may deliver the same stream.
   *
   * A value whose answer was lost is recognised there by its idempotent ID, for as long as the other
   * stream remembers these (`XCFGSET`: a day at most). A value that is refused ends it, as what
   * comes behind may not go before.
   *
   * Resolves when the signal has ended it.
   *
   * @throws the reason for which a value was refused or cannot be read
   *
   * @example
   * ```ts
   * const there = await Eddyline.open("memory://"); // or "https://…", { token }
   * await orders.deliver(there.stream<Order>("orders"), { signal });
   * ```
   */
  async deliver<Read>(to: Stream<Out, Read>, options: DeliverOptions = {}): Promise<void> {
    const [log, { appender }] = await Promise.all([this.#log(), to.#log()]);
    await log.deliver(appender, options);
  }

  /** Loads the log: pages that need none do not load the code for it. */
  #log(): Promise<Log<In, Out>> {
    this.#loading ??= import("./log.ts").then(
      ({ Log }) => new Log(this.#transport, this.key, this.#options),
      (error) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}
