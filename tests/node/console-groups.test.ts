/** What the console works out about groups, on an engine in this process. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Eddyline } from "eddyline";
import { AGES, addHeat, cellOf, DELIVERIES, noHeat, warmth } from "../../www/src/groups/heat.ts";
import { previewPosition } from "../../www/src/groups/position.ts";
import { Throughput } from "../../www/src/groups/throughput.ts";
import { sampleStreams } from "../../www/src/observe/sample.ts";

const KEY = "orders";
const PATIENT = { signal: new AbortController().signal };

async function openOrders(entries: number): Promise<Eddyline> {
  const db = await Eddyline.open("memory://");
  await db.xGroupCreate(KEY, "billing", "0", { MKSTREAM: true });
  for (let n = 1; n <= entries; n++) await db.xAdd(KEY, `1-${n}`, { n: String(n) });
  return db;
}

function read(db: Eddyline, consumer: string, COUNT: number) {
  return db.xReadGroup("billing", consumer, { key: KEY, id: ">" }, { COUNT });
}

async function look(db: Eddyline) {
  const stream = (await sampleStreams(db, [KEY], new Set([KEY]))).get(KEY);
  const group = stream?.groups[0];
  assert.ok(stream !== undefined && group !== undefined);
  return { stream, group };
}

test("what consumers still have is counted, and what one alone has worked off", async () => {
  await using db = await openOrders(20);
  const throughput = new Throughput();
  await read(db, "ana", 1);
  await throughput.take(db, KEY, (await look(db)).group, 60_000);
  assert.equal(throughput.rate("ana"), null);
  const worked = (await read(db, "ana", 4))?.[0]?.messages.map(({ id }) => id) ?? [];
  await db.xAck(KEY, "billing", worked.slice(1));
  await throughput.take(db, KEY, (await look(db)).group, 70_000);
  assert.deepEqual(throughput.rate("ana"), { perSecond: 0.4, isEstimate: false });
});

test("what several have worked off is shared out, and said to be", async () => {
  await using db = await openOrders(20);
  const throughput = new Throughput();
  await read(db, "ana", 1);
  await read(db, "ben", 1);
  await throughput.take(db, KEY, (await look(db)).group, 60_000);
  const worked = (await read(db, "ana", 4))?.[0]?.messages.map(({ id }) => id) ?? [];
  await db.xAck(KEY, "billing", worked);
  await read(db, "ben", 2);
  await throughput.take(db, KEY, (await look(db)).group, 61_000);
  assert.deepEqual(throughput.rate("ana"), { perSecond: 2, isEstimate: true });
  assert.deepEqual(throughput.rate("ben"), { perSecond: 4, isEstimate: true });
});

test("the oldest of what is pending is found behind younger ones, and those given back", async () => {
  await using db = await openOrders(30);
  await read(db, "ana", 30);
  await db.sendCommand(["XNACK", KEY, "billing", "FAIL", "IDS", "1", "1-1"]);
  for (const [id, idle] of [
    ["1-4", "90000"],
    ["1-20", "500000"],
    ["1-29", "550000"],
  ] as const)
    await db.sendCommand(["XCLAIM", KEY, "billing", "ana", "0", id, "IDLE", idle, "JUSTID"]);
  const { group } = await look(db);
  assert.equal(group.oldestPending?.id, "1-29");
});

test("a position says what comes again, what never comes, and what counts as read", async () => {
  await using db = await openOrders(10);
  await read(db, "ana", 6);
  await db.xAck(KEY, "billing", ["1-1", "1-2"]);
  const { stream, group } = await look(db);
  const at = (id: string) => previewPosition(db, stream, group, { at: "id", id }, PATIENT);
  const back = await at("1-1");
  assert.deepEqual([back.again.count, back.pending.count, back.skipped.count], [5, 4, 0]);
  assert.equal(back.entriesRead, 1);
  const ahead = await at("1-9");
  assert.deepEqual([ahead.again.count, ahead.pending.count, ahead.skipped.count], [0, 0, 3]);
  assert.equal(ahead.entriesRead, 9);
  const end = await previewPosition(db, stream, group, { at: "end" }, PATIENT);
  assert.deepEqual([end.id, end.skipped.count, end.entriesRead], ["1-10", 4, 10]);
  const time = await previewPosition(db, stream, group, { at: "time", ms: 1 }, PATIENT);
  assert.deepEqual([time.id, time.again.count], ["0-18446744073709551615", 6]);
});

test("each pending entry has its cell, and few among many are still seen", () => {
  const entry = (idleMs: number, deliveries: number) => ({
    ...{ id: "1-1", consumer: "ana", idleMs, deliveries },
  });
  const cell = (idleMs: number, deliveries: number) => {
    const at = cellOf(entry(idleMs, deliveries));
    return [AGES[at.age]?.label, DELIVERIES[at.deliveries]?.label];
  };
  assert.deepEqual(cell(-1, 0), ["given back", "0"]);
  assert.deepEqual(cell(0, 1), ["under 10 s", "1"]);
  assert.deepEqual(cell(9_999, 4), ["under 10 s", "3–4"]);
  assert.deepEqual(cell(86_400_000, 2 ** 63), ["over a day", "10+"]);
  const heat = addHeat(noHeat(), [entry(0, 1), entry(0, 1), entry(60_000, 5)]);
  assert.equal(
    heat.flat().reduce((sum, one) => sum + one, 0),
    3,
  );
  assert.deepEqual([warmth(0, 9), warmth(1, 10_000), warmth(10_000, 10_000)], [0, 1, 4]);
});
