/**
 * Makes a stream many times larger than the memory given to it, exports and imports it, and prints
 * how much more memory that took than making it. Arguments: folder, bytes of the stream, `maxResidentBytes`.
 */

import { randomBytes } from "node:crypto";
import process from "node:process";
import { Eddyline } from "../../pkg/src/entry/node.ts";

const ENTRY_BYTES = 1000;
const AT_ONCE = 100;

const [folder, bytes, maxResident] = process.argv.slice(2);
const options = { appendfsync: "no", maxResidentBytes: Number(maxResident) } as const;
const from = await Eddyline.open(`file:${folder}/from`, options);
const to = await Eddyline.open(`file:${folder}/to`, options);
const entries = Math.round(Number(bytes) / ENTRY_BYTES / AT_ONCE) * AT_ONCE;

await from.xGroupCreate("s", "g", "0", { MKSTREAM: true });
for (let n = 1; n <= entries; n += AT_ONCE)
  await Promise.all(
    Array.from({ length: AT_ONCE }, (_, k) => {
      // Text that nothing can make smaller.
      const text = randomBytes(ENTRY_BYTES / 2).toString("hex");
      return from.xAdd("s", `${n + k}-1`, { text });
    }),
  );
for (let read = 0; read < entries; read += AT_ONCE * 10)
  await from.xReadGroup("g", "c", { key: "s", id: ">" }, { COUNT: AT_ONCE * 10 });

const before = process.resourceUsage().maxRSS;
let [exportedBytes, pieces] = [0, 0];
const counted = async function* () {
  for await (const piece of from.export("s")) {
    exportedBytes += piece.byteLength;
    yield piece;
    // Otherwise what is measured is how far the collector lags behind: it is run with --expose-gc.
    if (++pieces % 4 === 0) globalThis.gc?.();
    // The oldest entries leave while they are being exported, and others come.
    await from.xTrim("s", "MAXLEN", Math.round(entries - exportedBytes / ENTRY_BYTES / 2));
    await from.xAdd("s", "*", { text: "later" });
  }
};
await to.import(counted());
const grownBytes = (process.resourceUsage().maxRSS - before) * 1024;
const { length } = await to.xInfoStream("s");
const { pending } = await to.xPending("s", "g");
await from.close();
await to.close();
console.log(JSON.stringify({ entries, length, pending, exportedBytes, grownBytes }));
