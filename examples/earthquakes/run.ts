/**
 * A week of earthquakes through a consumer group, to the last event:
 *
 * ```sh
 * npx node examples/earthquakes/run.ts memory://
 * npx node examples/earthquakes/run.ts http://127.0.0.1:8787 --token …
 * ```
 *
 * Appends each event under its own time as ID, lets three consumers share the work, stops one of
 * them before it acknowledges, finds with XPENDING what it left behind, has another process it,
 * and compares the totals by magnitude with the file.
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { Eddyline } from "eddyline";
import { type Consumer, consume, takeOver } from "./consume.ts";
import { addTotals, BANDS, type Feed, noTotals, type Totals } from "./feed.ts";
import { loadFeed } from "./feed-file.ts";

const STREAM = "earthquakes";
const GROUP = "seismologists";
/** The consumer that stops without acknowledging, and the one that takes over from it. */
const [SILENT, HEIR] = ["ben", "ana"];
const NAMES = [HEIR, SILENT, "cho"];
/** Entries a consumer takes at once. */
const BATCH = 20;
/** How many batches the silent one finishes before it falls silent. */
const BATCHES_BEFORE_SILENCE = 3;
/** Entries appended in one go. */
const APPEND = 100;

/** What became of the feed. */
interface Outcome {
  readonly totals: Totals;
  /** Entries acknowledged, by consumer. */
  readonly shares: ReadonlyMap<string, number>;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { token: { type: "string" } },
});
const address = positionals[0] ?? "memory://";
const db = await Eddyline.open(address, values.token === undefined ? {} : { token: values.token });
try {
  const feed = await loadFeed();
  say("feed", `${feed.entries.length} events: ${feed.title}`);
  await append(feed);
  const outcome = await share(feed.entries.length);
  say("shared", [...outcome.shares].map(([name, done]) => `${name} ${done}`).join("   "));
  if (!compare(feed, outcome.totals)) process.exitCode = 1;
} finally {
  await db.close();
}

/** Begins anew: what the stream holds of an earlier run would refuse the feed's older IDs. */
async function append(feed: Feed): Promise<void> {
  await db.del(STREAM);
  for (let at = 0; at < feed.entries.length; at += APPEND) {
    const several = feed.entries.slice(at, at + APPEND);
    await Promise.all(several.map(({ id, message }) => db.xAdd(STREAM, id, message)));
  }
  const length = await db.xLen(STREAM);
  say("appended", `${length} entries from ${feed.entries[0]?.id} to ${feed.entries.at(-1)?.id}`);
}

/** Three consumers, one of which falls silent; done when all `expected` entries are acknowledged. */
async function share(expected: number): Promise<Outcome> {
  await db.xGroupCreate(STREAM, GROUP, "0");
  const shares = new Map(NAMES.map((name) => [name, 0]));
  const all = new AbortController();
  const silence = new AbortController();
  let totals = noTotals();
  const consumerOf = (name: string): Consumer => ({
    stream: STREAM,
    group: GROUP,
    name,
    count: BATCH,
    work() {
      if (name === SILENT && shares.get(name) === BATCHES_BEFORE_SILENCE * BATCH) silence.abort();
    },
    acknowledged(batch) {
      totals = addTotals(
        totals,
        batch.map(({ message }) => message),
      );
      shares.set(name, (shares.get(name) ?? 0) + batch.length);
      if (sum(shares.values()) === expected) all.abort();
    },
  });
  const running = NAMES.map((name) => {
    const signal = name === SILENT ? AbortSignal.any([all.signal, silence.signal]) : all.signal;
    return consume(db, consumerOf(name), signal);
  });
  await running[NAMES.indexOf(SILENT)];
  await reportPending();
  const taken = await takeOver(db, SILENT, consumerOf(HEIR));
  say("taken over", `${HEIR} processed the ${taken} entries that ${SILENT} left`);
  await Promise.all(running);
  return { totals, shares };
}

async function reportPending(): Promise<void> {
  const { consumers } = await db.xPending(STREAM, GROUP);
  const left = consumers?.find(({ name }) => name === SILENT)?.deliveriesCounter ?? 0;
  const oldest = await db.xPendingRange(STREAM, GROUP, "-", "+", 1, { consumer: SILENT });
  say("pending", `${SILENT} stopped and left ${left} unacknowledged, the oldest ${oldest[0]?.id}`);
}

/** Prints the totals beside the file's own; whether they agree. */
function compare(feed: Feed, totals: Totals): boolean {
  const expected = addTotals(
    noTotals(),
    feed.entries.map(({ message }) => message),
  );
  say("magnitude", `${"file".padStart(6)} ${"stream".padStart(8)}`);
  BANDS.forEach((band, index) => {
    say(band, `${String(expected[index]).padStart(6)} ${String(totals[index]).padStart(8)}`);
  });
  say("total", `${String(sum(expected)).padStart(6)} ${String(sum(totals)).padStart(8)}`);
  const agree = expected.every((count, index) => count === totals[index]);
  say(
    agree ? "agree" : "DIFFER",
    agree ? "to the last event" : "an event was lost or counted twice",
  );
  return agree;
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}

function say(what: string, text: string): void {
  console.log(`${what.padEnd(11)} ${text}`);
}
