/** Schemas of three libraries: they check what is appended and what is read, and give the types. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { Eddyline, ValidationError } from "../src/entry/node.ts";

/** The same order three times: a date that travels as text, and a count that may be left out. */
const schemas = {
  zod: z.object({
    item: z.string().min(1),
    cups: z.number().int().default(1),
    at: z.coerce.date<Date | string>(),
  }),
  valibot: v.object({
    item: v.pipe(v.string(), v.minLength(1)),
    cups: v.optional(v.pipe(v.number(), v.integer()), 1),
    at: v.pipe(
      v.union([v.date(), v.string()]),
      v.transform((at) => new Date(at)),
    ),
  }),
  arktype: type({
    item: "string >= 1",
    cups: "number.integer = 1",
    at: type("string | Date").pipe((at) => new Date(at)),
  }),
};

const at = new Date("2026-11-21T20:00:00.000Z");

for (const [library, schema] of Object.entries(schemas) as [string, typeof schemas.zod][]) {
  describe(library, () => {
    test("reads what it makes of what was appended", async () => {
      await using db = await Eddyline.open("memory://");
      const orders = db.stream("orders", { schema });
      await orders.append({ item: "tea", at });
      await orders.append([{ item: "1", cups: 2, at: at.toISOString() }]);
      const fields = (await db.xRange("orders", "-", "+")).map(({ message }) => message);
      // What was given is kept, not what the schema makes of it: it makes that when it is read.
      assert.deepEqual(fields, [
        { item: "tea", at: at.toISOString() },
        { item: '"1"', cups: "2", at: at.toISOString() },
      ]);
      assert.deepEqual(await Array.fromAsync(orders.entries(), ({ value }) => value), [
        { item: "tea", cups: 1, at },
        { item: "1", cups: 2, at },
      ]);
    });

    test("appends nothing that would not be read", async () => {
      await using db = await Eddyline.open("memory://");
      const orders = db.stream("orders", { schema });
      const wrong = { item: "", cups: 1, at };
      await assert.rejects(orders.append([{ item: "tea", at }, wrong]), (error) => {
        assert.ok(error instanceof ValidationError);
        assert.deepEqual([error.code, error.id, error.issues.length], ["INVALID", undefined, 1]);
        assert.match(error.message, /^item: /);
        return true;
      });
      assert.equal(await db.exists("orders"), 0);
    });

    test("puts with the dead letters what others wrote and it does not take", async () => {
      await using db = await Eddyline.open("memory://");
      const orders = db.stream("orders", { schema });
      const id = await db.xAdd("orders", "*", { item: "tea", cups: "many" });
      await orders.append({ item: "tea", at });
      await assert.rejects(orders.entries().next(), { code: "INVALID", id });
      const group = orders.group("billing");
      for await (const message of group.consume()) {
        assert.deepEqual(message.value, { item: "tea", cups: 1, at });
        message.ack();
        break;
      }
      const [letter] = await Array.fromAsync(group.deadLetters());
      assert.match(letter?.reason ?? "", new RegExp(`entry ${id}: .*cups`));
      assert.deepEqual([letter?.value, letter?.fields["cups"]], [undefined, "many"]);
      assert.deepEqual(await group.lag(), { undelivered: 0, pending: 0 });
    });
  });
}

test("a schema may take its time", async () => {
  await using db = await Eddyline.open("memory://");
  const known = new Set(["tea"]);
  const schema = z.object({ item: z.string().refine(async (item) => known.has(item)) });
  const orders = db.stream("orders", { schema });
  await orders.append({ item: "tea" });
  await assert.rejects(orders.append([{ item: "tea" }, { item: "mud" }]), ValidationError);
  assert.deepEqual(await Array.fromAsync(orders.entries(), ({ value }) => value), [
    { item: "tea" },
  ]);
});

test("a schema goes with a codec", async () => {
  await using db = await Eddyline.open("memory://");
  const schema = z.object({ png: z.instanceof(Uint8Array), name: z.instanceof(Uint8Array) });
  const codec = {
    values: "bytes" as const,
    encode: (image: Record<string, Uint8Array>) => image,
    decode: (fields: Record<string, Uint8Array>) => fields,
  };
  const images = db.stream("images", { schema, codec });
  const image = { png: new Uint8Array([0, 255]), name: new Uint8Array([65]) };
  await images.append(image);
  assert.deepEqual(await Array.fromAsync(images.entries(), ({ value }) => value), [image]);
});
