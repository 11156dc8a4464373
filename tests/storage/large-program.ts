/**
 * Makes a stream many times larger than the memory given to it, reads it with three groups at
 * different places and from end to end, and prints what it saw and how much memory that took.
 * Arguments: folder, bytes of the stream, `maxResidentBytes`. Run it with `--expose-gc`: what is
 * measured is what is held, not how far an idle machine runs ahead of the collector.
 */

import process from "node:process";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { textOf } from "./text.ts";

const ENTRY_BYTES = 1000;
const AT_ONCE = 100;
const PAGES_BETWEEN_COLLECTIONS = 20;

const [folder, bytes, maxResidentBytes] = process.argv.slice(2);
const db = await Eddyline.open(`file:${folder}`, {
  appendfsync: "no",
  maxResidentBytes: Number(maxResidentBytes),
});
const entries = Math.round(Number(bytes) / ENTRY_BYTES / AT_ONCE) * AT_ONCE;
const { gc } = globalThis;
if (!gc) throw new Error("run this program with --expose-gc");
gc();
const before = process.memoryUsage.rss();
let pages = 0;

/** After each page of entries. */
const collect = (): void => {
  pages += 1;
  if (pages % PAGES_BETWEEN_COLLECTIONS === 0) gc();
};

for (const group of ["front", "middle", "end"])
  await db.xGroupCreate("s", group, "0", { MKSTREAM: true });
for (let n = 1; n <= entries; n += AT_ONCE) {
  await Promise.all(
    Array.from({ length: AT_ONCE }, (_, k) =>
      db.xAdd("s", `${n + k}-1`, { text: textOf(n + k, ENTRY_BYTES) }),
    ),
  );
  collect();
}

const seen: Record<string, number> = {};
for (const [group, part] of [
  ["front", 0.05],
  ["middle", 0.5],
  ["end", 1],
] as const) {
  let read = 0;
  while (read < entries * part) {
    const streams = await db.xReadGroup(group, "c", { key: "s", id: ">" }, { COUNT: AT_ONCE });
    const ids = (streams?.[0]?.messages ?? []).map(({ id }) => id);
    if (ids.length === 0) break;
    read += ids.length;
    collect();
    // The last tenth of them stays pending.
    if (read < entries * part * 0.9) await db.xAck("s", group, ids);
  }
  seen[group] = read;
}
for (const [name, iterator] of [
  ["range", db.xRangeIterator("s", "-", "+", { COUNT: AT_ONCE })],
  ["reverse", db.xRevRangeIterator("s", "+", "-", { COUNT: AT_ONCE })],
] as const) {
  let read = 0;
  for await (const page of iterator) {
    read += page.length;
    collect();
  }
  seen[name] = read;
}
const peak = process.resourceUsage().maxRSS * 1024;
await db.close();
console.log(JSON.stringify({ entries, seen, grownBytes: peak - before }));
