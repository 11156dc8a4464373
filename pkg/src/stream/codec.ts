/** How a value becomes the fields of an entry, and back. */

import type { Message } from "../commands/xadd.ts";

/** What JSON can say. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/** What JSON makes of `T`: a `Date` becomes text, what it cannot say `never`. */
export type AsJson<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends bigint | symbol | ((...args: never[]) => unknown) | Unreadable
    ? never
    : T extends { toJSON(): infer R }
      ? AsJson<R>
      : { [K in keyof T]: AsJson<T[K]> };

/** What is refused, as it would not come back. */
type Unreadable =
  | ArrayBuffer
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>;

/** What is read where a `T` was appended: a `T`, if JSON can say all of it. */
export type AsRead<T> = T extends { readonly [name: string]: Json }
  ? T
  : T extends AsJson<T>
    ? T
    : AsJson<T>;

/**
 * How values of a stream become fields and back. `decode` is given what `encode` made, and whatever
 * others have added to the stream; what it throws is told with the entry's ID.
 *
 * @example One field of JSON, as some other program expects it
 * ```ts
 * const document: Codec<Order> = {
 *   encode: (order) => ({ data: JSON.stringify(order) }),
 *   decode: (fields) => JSON.parse(fields["data"] ?? "null"),
 * };
 * const orders = db.stream("orders", { codec: document });
 * ```
 */
export type Codec<In, Out = In> = TextCodec<In, Out> | BytesCodec<In, Out>;

/** A {@link Codec} that reads field values as text. */
export interface TextCodec<In, Out = In> {
  readonly values?: "text";
  encode(value: In): Message;
  decode(fields: Record<string, string>): Out;
}

/** A {@link Codec} that reads field values as bytes. */
export interface BytesCodec<In, Out = In> {
  readonly values: "bytes";
  encode(value: In): Message;
  decode(fields: Record<string, Uint8Array>): Out;
}
