/** Following and consuming for long takes no more memory than for a while. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Eddyline } from "../../pkg/src/entry/node.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const ROUNDS = 60;
const ENTRIES_A_ROUND = 2000;
/** Bytes that the heap may be larger at the end than after a tenth of the rounds: a few for each entry would be more. */
const SLACK_BYTES = 1_500_000;

/** What is kept: the least that some collections leave, as what ends in one is free only in the next. */
async function heapBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 4; times++) {
    collect();
    least = Math.min(least, process.memoryUsage().heapUsed);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return least;
}

/** Appends round after round, each when the one before it was read; how much the heap grew. */
async function growth(read: (count: number) => Promise<void>, db: Eddyline): Promise<number> {
  const stream = db.stream<{ n: number }>("s", { trim: { maxLen: 3000 } });
  const values = Array.from({ length: ENTRIES_A_ROUND }, (_, n) => ({ n }));
  let early = 0;
  let late = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    await stream.append(values);
    await read(ENTRIES_A_ROUND);
    if (round === ROUNDS / 10) early = await heapBytes();
    if (round >= ROUNDS - 3) late = Math.min(late, await heapBytes());
  }
  return late - early;
}

test("a long follow does not grow", async () => {
  await using db = await Eddyline.open("memory://");
  await using entries = db.stream<{ n: number }>("s").follow();
  const grown = await growth(async (count) => {
    for (let left = count; left > 0; left--) await entries.next();
  }, db);
  assert.ok(grown < SLACK_BYTES, `${grown} bytes`);
});

test("nor does a long consumption, acknowledged and given back", async () => {
  await using db = await Eddyline.open("memory://");
  await using messages = db.stream<{ n: number }>("s").group("g").consume();
  const grown = await growth(async (count) => {
    for (let left = count; left > 0; ) {
      const step = await messages.next();
      if (step.done === true) throw new Error("it ended");
      // One in a hundred fails at first, and is kept for a moment.
      if (step.value.value.n % 100 === 0 && step.value.deliveries === 1) {
        step.value.nack({ delay: 1 });
        continue;
      }
      step.value.ack();
      left--;
    }
    await messages.flush();
  }, db);
  assert.ok(grown < SLACK_BYTES, `${grown} bytes`);
});
