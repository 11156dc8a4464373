/** A stream at work. Loaded with the first call that needs it; {@link Stream} is its face. */

import type { Transport } from "../transport.ts";
import { Appender, type AppendManyOptions, type Retention } from "./append.ts";
import type { Codec } from "./codec.ts";
import type { DeliverOptions } from "./deliver.ts";
import { type EntriesOptions, EntrySteps, type FollowOptions } from "./entry-steps.ts";
import { type GroupOptions, GroupWork } from "./group-work.ts";
import { jsonFields } from "./json-fields.ts";
import { Link } from "./link.ts";
import type { StandardSchema } from "./schema.ts";
import { Batches } from "./web.ts";

/** Options that every stream has. */
interface CommonOptions {
  /** What each append keeps of the stream; by default all of it. */
  readonly trim?: Retention | undefined;
}

/**
 * Options of a stream whose values are what TypeScript was told. Each property is a field, and a
 * field's value is JSON if it is JSON, else text:
 *
 * | property | field value |
 * |---|---|
 * | text | itself; as JSON, in quotes, where it would be read as something else (`"1"`, `"true"`, `"[x]"`), or is no valid Unicode |
 * | number, boolean, `null` | JSON: `1`, `true`, `null` |
 * | object, array | JSON |
 * | `undefined` | no field |
 * | with a `toJSON` method (`Date`, `URL`) | what that gives, and this is what is read: let a schema turn it back |
 * | anything that would not come back (`NaN`, `bigint`, `Map`, bytes, a function, an instance of a class) | refused with a `TypeError` that names the place |
 *
 * As JSON is anything taken that is `true`, `false`, `null`, a number written as JavaScript would
 * write it (so `007` and `12345678901234567890` are text), or begins with `"`, `[` or `{` and
 * parses. An object without properties is one field without name and value. `-0` is written `0`.
 */
export interface PlainOptions extends CommonOptions {
  readonly schema?: undefined;
  readonly codec?: undefined;
}

/** Options of a stream whose values a schema checks when they are appended and when they are read. */
export interface SchemaOptions<S extends StandardSchema> extends CommonOptions {
  /** Of zod, valibot, arktype, or whatever else implements Standard Schema. */
  readonly schema: S;
  /** How what the schema takes becomes fields, and back; by default as {@link PlainOptions} say. */
  readonly codec?: Codec<never, unknown> | undefined;
}

/** Options of a stream whose values a codec makes. */
export interface CodecOptions<In, Out> extends CommonOptions {
  readonly schema?: undefined;
  readonly codec: Codec<In, Out>;
}

/** Any of them. */
export type StreamOptions<In, Out> =
  | PlainOptions
  | SchemaOptions<StandardSchema<In, Out>>
  | CodecOptions<In, Out>;

/** What appends to a stream, reads it and shares it out. */
export class Log<In, Out> {
  readonly appender: Appender<In>;
  readonly #link: Link<In, Out>;

  constructor(transport: Transport, key: string, options: StreamOptions<In, Out>) {
    const codec = (options.codec ?? jsonFields) as Codec<In, Out>;
    const schema = options.schema as StandardSchema<unknown, Out> | undefined;
    this.#link = new Link(key, transport, codec, schema);
    this.appender = new Appender(this.#link, options.trim);
  }

  /** See {@link Stream.entries}. */
  entries(options: EntriesOptions): EntrySteps<Out> {
    return EntrySteps.between(this.#link, options);
  }

  /** See {@link Stream.follow}. */
  follow(options: FollowOptions): EntrySteps<Out> {
    return EntrySteps.following(this.#link, options);
  }

  /** See {@link Stream.writable}. */
  batches(options: AppendManyOptions<In>, onFailure: (reason: unknown) => void): Batches<In> {
    return new Batches((values) => this.appender.append(values, options), onFailure);
  }

  /** See {@link Stream.deliver}. */
  async deliver(to: Appender<Out>, options: DeliverOptions): Promise<void> {
    // Most who have a stream deliver nothing.
    const { deliver } = await import("./deliver.ts");
    await deliver(this.#link, to, options);
  }

  /** See {@link Stream.group}. */
  group(name: string, options: GroupOptions): GroupWork<Out> {
    return new GroupWork(this.#link, name, options);
  }
}
