/** The types of streams of values, tested by compiling: what is read is what was appended, or what the schema says. */

import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import {
  byteFields,
  type Eddyline,
  type Entry,
  type GroupMessage,
  type Json,
  type Stream,
  textFields,
} from "../src/entry/node.ts";

type IsExact<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile unless it is given `true`. */
function holds<T extends true>(_?: T): void {}

declare const db: Eddyline;

interface Order {
  item: string;
  cups: number;
  note?: string;
  tags: readonly string[];
}

type In<S> = S extends Stream<infer I, infer _> ? I : never;
type Out<S> = S extends Stream<infer _, infer O> ? O : never;

/** Never run. */
export function plain(): void {
  const orders = db.stream<Order>("orders");
  holds<IsExact<typeof orders, Stream<Order, Order>>>();
  const anything = db.stream("anything");
  holds<IsExact<typeof anything, Stream<Record<string, Json>, Record<string, Json>>>>();
  const dated = db.stream<{ at: Date; n: number }>("dated");
  // A date is text when it is read.
  holds<IsExact<Out<typeof dated>, { at: string; n: number }>>();
  const mapped = db.stream<{ map: Map<string, string> }>("mapped");
  holds<IsExact<Out<typeof mapped>, { map: never }>>();
}

/** Never run. */
export function schemas(): void {
  const zod = db.stream("s", { schema: z.object({ n: z.string().transform(Number) }) });
  holds<IsExact<In<typeof zod>, { n: string }>>();
  holds<IsExact<Out<typeof zod>, { n: number }>>();
  const valibot = db.stream("s", {
    schema: v.object({ n: v.pipe(v.string(), v.transform(Number)) }),
  });
  holds<IsExact<In<typeof valibot>, { n: string }>>();
  holds<IsExact<Out<typeof valibot>, { n: number }>>();
  const arktype = db.stream("s", { schema: type({ n: "string.numeric.parse" }) });
  holds<IsExact<In<typeof arktype>, { n: string }>>();
  holds<IsExact<Out<typeof arktype>, { n: number }>>();
}

/** Never run. */
export function codecs(): void {
  const bytes = db.stream("images", { codec: byteFields });
  holds<IsExact<Out<typeof bytes>, Record<string, Uint8Array>>>();
  void bytes.append({ name: "a", png: new Uint8Array(1) });
  const text = db.stream("texts", { codec: textFields });
  holds<IsExact<Out<typeof text>, Record<string, string>>>();
}

/** Never run. */
export async function uses(): Promise<void> {
  const orders = db.stream<Order>("orders");
  const order: Order = { item: "tea", cups: 1, tags: [] };
  const id: string = await orders.append(order);
  const ids: string[] = await orders.append([order], { idempotencyKey: ({ item }) => item });
  for await (const entry of orders.entries({ after: id }))
    holds<IsExact<typeof entry, Entry<Order>>>();
  for await (const message of orders.group("g").consume()) {
    holds<IsExact<typeof message, GroupMessage<Order>>>();
  }
  await orders.group("g").process(({ value }) => void value.cups);
  const readable: ReadableStream<Entry<Order>> = orders.readable({ from: new Date() });
  const writable: WritableStream<Order> = orders.writable();
  void [ids, readable, writable];

  // @ts-expect-error a number where a text belongs
  await orders.append({ item: 1, cups: 1, tags: [] });
  // @ts-expect-error many values need a key each
  await orders.append([order], { idempotencyKey: "a" });
  // @ts-expect-error one value has one key
  await orders.append(order, { idempotencyKey: () => "a" });
  // @ts-expect-error at a place or behind it
  orders.entries({ from: "1-1", after: "1-1" });
  // @ts-expect-error what is followed has no end
  orders.follow({ to: "1-1" });
  // @ts-expect-error nor what is read as it comes
  orders.readable({ limit: 1 });
  // @ts-expect-error one retention
  await orders.trim({ maxLen: 1, maxAge: 1 });
  // @ts-expect-error a schema or a codec of other values
  db.stream<Order>("orders", { codec: textFields });
  // @ts-expect-error values are objects
  db.stream<string>("texts");
}
