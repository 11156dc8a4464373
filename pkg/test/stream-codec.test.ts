/** Values as fields: what is written is what is read, and what redis-cli shows is what one expects. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, randomOf, seedOfRun } from "../../tests/storage/random.ts";
import { byteFields, Eddyline, type Json, textFields } from "../src/entry/node.ts";
import { jsonFields } from "../src/stream/json-fields.ts";

/** Texts that are easily taken for something else, and some that no encoding likes. */
const TEXTS = [
  ...[
    "",
    "tea",
    "1",
    "01",
    "-1",
    "1.5",
    "1e3",
    "1e999",
    "12345678901234567890",
    "-0",
    "NaN",
    "Infinity",
  ],
  ...[
    "true",
    "false",
    "null",
    "tru",
    "nulls",
    "undefined",
    '"',
    '"a"',
    "[]",
    "[x]",
    "{}",
    '{"a":1}',
    "{a",
  ],
  ...[
    " 1",
    "\n[]",
    "é",
    "日本",
    "\u0000",
    "\ufeffbom",
    "\ud800",
    "a\udc00b",
    "__proto__",
    "dead:id",
  ],
];

function randomJson(random: Random, depth = 0): Json {
  switch (random(depth > 2 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return random(1000) - 500;
    case 3:
      return (random(2 ** 20) - 2 ** 19) * 10 ** (random(50) - 25);
    case 4:
    case 5:
      return TEXTS[random(TEXTS.length)] as string;
    case 6:
      return Array.from({ length: random(4) }, () => randomJson(random, depth + 1));
    default:
      return randomObject(random, depth + 1);
  }
}

function randomObject(random: Random, depth = 0): Record<string, Json> {
  const names = Array.from({ length: random(5) }, () => TEXTS[random(TEXTS.length)] as string);
  const properties = names
    .filter((name) => depth > 0 || name.isWellFormed())
    .map((name) => [name, randomJson(random, depth)]);
  return Object.fromEntries(properties) as Record<string, Json>;
}

/** `-0` is the one number that JSON does not know. */
const withoutMinusZero = (value: unknown) =>
  JSON.parse(JSON.stringify(value)) as Record<string, Json>;

test("what JSON can say is read as it was written", async () => {
  await using db = await Eddyline.open("memory://");
  const stream = db.stream("s");
  const seed = seedOfRun();
  const random = randomOf(seed);
  const values = Array.from({ length: 2000 }, () => withoutMinusZero(randomObject(random)));
  for (const text of TEXTS) values.push({ text }, { "": text }, { list: [text] });
  await stream.append(values);
  const read = await Array.fromAsync(stream.entries(), ({ value }) => value);
  assert.deepEqual(read, values, `seed ${seed}`);
});

test("an entry shows what its value is", () => {
  const value = {
    item: "tea",
    cups: 2,
    zip: "01234",
    year: "2026",
    fresh: true,
    note: null,
    tags: ["a", 1],
    nested: { deep: { b: [] } },
    at: new Date(0),
    none: undefined,
    yes: "true",
  };
  assert.deepEqual(Object.fromEntries(jsonFields.encode(value) as [string, string][]), {
    item: "tea",
    cups: "2",
    zip: "01234",
    year: '"2026"',
    fresh: "true",
    note: "null",
    tags: '["a",1]',
    nested: '{"deep":{"b":[]}}',
    at: "1970-01-01T00:00:00.000Z",
    yes: '"true"',
  });
});

test("what others write is read as one would expect", () => {
  const fields = { n: "12", price: "1.50", id: "12345678901234567890", on: "true", text: "{oops" };
  assert.deepEqual(jsonFields.decode({ ...fields }), { ...fields, n: 12, on: true });
});

test("what would not come back is refused, and the place is named", () => {
  class Order {
    item = "tea";
  }
  const cases: [object, RegExp][] = [
    [{ a: Number.NaN }, /^TypeError: a is NaN/],
    [{ a: { b: [1, Number.POSITIVE_INFINITY] } }, /a\.b\[1\] is Infinity/],
    [{ a: 1n }, /a is bigint/],
    [{ a: () => 1 }, /a is function/],
    [{ a: Symbol("s") }, /a is symbol/],
    [{ a: [undefined] }, /a\[0\] is undefined/],
    [{ a: new Map() }, /a is Map/],
    [{ a: new Order() }, /a is Order/],
    [{ a: new Uint8Array(1) }, /a is Uint8Array/],
    [{ a: Buffer.from("x") }, /a is Buffer/],
    [{ a: { toJSON: () => undefined } }, /a is undefined/],
    [{ a: [{ b: { toJSON: () => 1n } }] }, /a\[0\]\.b is bigint/],
    [{ "\ud800": 1 }, /no valid Unicode/],
    [new Order(), /the value is Order/],
    [new Map(), /the value is Map/],
  ];
  for (const [value, message] of cases) assert.throws(() => jsonFields.encode(value), message);
});

test("fields may be had as they are", async () => {
  await using db = await Eddyline.open("memory://");
  const png = Uint8Array.from({ length: 256 }, (_, i) => i);
  const bytes = db.stream("images", { codec: byteFields });
  await bytes.append({ name: "a", png });
  const [image] = await Array.fromAsync(bytes.entries());
  assert.deepEqual(image?.value, { name: new TextEncoder().encode("a"), png });
  const text = db.stream("texts", { codec: textFields });
  await text.append({ n: "1", b: new Uint8Array([65]) });
  const [entry] = await Array.fromAsync(text.entries());
  assert.deepEqual(entry?.value, { n: "1", b: "A" });
});

test("a codec of one's own", async () => {
  await using db = await Eddyline.open("memory://");
  const stream = db.stream("s", {
    codec: {
      encode: ({ n }: { n: number }) => ({ data: JSON.stringify({ n }) }),
      decode: (fields: Record<string, string>) => JSON.parse(fields["data"] ?? "") as { n: number },
    },
  });
  await stream.append({ n: 1 });
  assert.deepEqual(await Array.fromAsync(stream.entries(), ({ value }) => value), [{ n: 1 }]);
  const id = await db.xAdd("s", "*", { other: "field" });
  const entries = stream.entries({ from: id });
  await assert.rejects(entries.next(), (error: Error & { code?: string; id?: string }) => {
    assert.deepEqual([error.name, error.code, error.id], ["ValidationError", "INVALID", id]);
    return true;
  });
});
