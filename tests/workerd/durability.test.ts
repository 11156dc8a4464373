/** What was acknowledged is there after the process was killed, and nothing that was never sent. */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { textOf } from "../storage/text.ts";
import { TOKEN, Workerd } from "./workerd.ts";

const ROUNDS = 25;
const SENDERS = 6;
/** Makes entries so large that a checkpoint is due every hundred or so. */
const PADDING_BYTES = 3000;

test("the streams survive a restart", async () => {
  await using server = await Workerd.start();
  for (let number = 1; number <= 10; number++) {
    await server.result("XADD", "kept", `${number}-1`, "n", number);
  }
  await server.kill();
  await server.restart();
  assert.equal(await server.result("XLEN", "kept"), 10);
  await server.result("XADD", "kept", "*", "n", 11);
  assert.equal(await server.result("XLEN", "kept"), 11);
});

test("an entry larger than a row of the storage is kept, read by a group and trimmed", async () => {
  await using server = await Workerd.start();
  await using db = await Eddyline.open(server.address, { token: TOKEN });
  const large = Uint8Array.from({ length: 7_000_000 }, (_, at) => (at * at + (at >> 11)) & 0xff);
  const expect = (bytes: Uint8Array | undefined) =>
    assert.equal(Buffer.compare(bytes ?? new Uint8Array(0), large), 0);
  await db.xGroupCreate("large", "g", "0", { MKSTREAM: true });
  for (let n = 1; n <= 3; n++) await db.xAdd("large", `${n}-0`, { large });
  await server.kill();
  await server.restart();
  for (let n = 1; n <= 3; n++) {
    const options = { COUNT: 1 };
    const reads = await db.withBytes().xReadGroup("g", "c", { key: "large", id: ">" }, options);
    expect(reads?.[0]?.messages[0]?.message["large"]);
    assert.equal(await db.xAck("large", "g", `${n}-0`), 1);
  }
  assert.equal(await db.xTrim("large", "MAXLEN", 1), 2);
  await server.kill();
  await server.restart();
  assert.equal(await db.xLen("large"), 1);
  const [last] = await db.withBytes().xRange("large", "-", "+");
  expect(last?.message["large"]);
});

test("damaged storage is named, and concerns no other object", async () => {
  await using server = await Workerd.start();
  await server.result("XADD", "damaged", "1-1", "f", "v");
  const [file] = server.databases();
  await server.result("XADD", "sound", "1-1", "f", "v");
  await server.kill();
  const database = new DatabaseSync(file!);
  database.exec("UPDATE journal SET bytes = substr(bytes, 1, length(bytes) - 1)");
  database.close();
  await server.restart();
  for (let time = 0; time < 3; time++) {
    const { status, body } = await server.run("XLEN", "damaged");
    assert.equal(status, 503);
    assert.match((body as { error: string }).error, /at byte \d+ of .*journal/);
    assert.equal(await server.result("XLEN", "sound"), 1);
  }
});

test("an object's database opens as a folder's in Node, with all that is in it", async () => {
  await using server = await Workerd.start();
  await server.result("XGROUP", "CREATE", "moved", "readers", "0", "MKSTREAM");
  for (let n = 1; n <= 300; n++)
    await server.result("XADD", "moved", `${n}-1`, "n", n, "p", textOf(n, PADDING_BYTES));
  await server.result(
    "XREADGROUP",
    "GROUP",
    "readers",
    "ana",
    "COUNT",
    "5",
    "STREAMS",
    "moved",
    ">",
  );
  const full = await server.result("XINFO", "STREAM", "moved", "FULL", "COUNT", "0");
  const [file] = server.databases();
  await server.kill();
  const folder = mkdtempSync(join(tmpdir(), "eddyline-moved-"));
  try {
    for (const end of ["", "-wal"])
      if (existsSync(file + end)) copyFileSync(file + end, join(folder, `eddyline.sqlite${end}`));
    await using db = await Eddyline.open(`file:${folder}`);
    const info = await db.sendCommand(["XINFO", "STREAM", "moved", "FULL", "COUNT", "0"]);
    const [there, here] = [full as unknown[], info as Record<string, unknown>];
    assert.equal(here["length"], 300);
    for (const name of ["length", "last-generated-id", "entries-added", "entries"])
      assert.deepEqual(here[name], there[there.indexOf(name) + 1], name);
    assert.equal((await db.xPending("moved", "readers")).pending, 5);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** What one sender sent, and what it was told. */
interface Sent {
  values: string[];
  acknowledged: string[];
}

/** Adds until the process is killed: single entries, or several in a request. */
async function send(server: Workerd, sender: string, batch: number, sent: Sent): Promise<void> {
  for (let number = 0; ; number++) {
    const values = Array.from({ length: batch }, (_, at) => `${sender}.${number}.${at}`);
    sent.values.push(...values);
    try {
      const answers = await server.pipeline(
        values.map((v, at) => [
          "XADD",
          "log",
          "*",
          "v",
          v,
          "p",
          textOf(number + at, PADDING_BYTES),
        ]),
      );
      for (const { error } of answers) assert.equal(error, undefined);
      sent.acknowledged.push(...values);
    } catch (error) {
      // The connection broke, as it must when the process is killed.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

async function entriesOf(server: Workerd): Promise<[string, string][]> {
  const reply = (await server.result("XRANGE", "log", "-", "+")) as [string, string[]][];
  return reply.map(([id, fields]) => [id, fields[1]!]);
}

test("a kill in the middle of a run of XADDs loses nothing acknowledged", async (context) => {
  await using server = await Workerd.start();
  const all = new Set<string>();
  const acknowledged: string[] = [];
  let last: [string, string][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const senders = Array.from({ length: SENDERS }, (_, at) => {
      const sent: Sent = { values: [], acknowledged: [] };
      return { sent, done: send(server, `${round}.${at}`, at === 0 ? 40 : 1, sent) };
    });
    // Kills after some acknowledgements, at another moment each round.
    const target = 1 + ((round * 37) % 150);
    while (senders.reduce((sum, { sent }) => sum + sent.acknowledged.length, 0) < target) {
      await new Promise(setImmediate);
    }
    await server.kill();
    for (const { sent, done } of senders) {
      await done;
      for (const value of sent.values) all.add(value);
      acknowledged.push(...sent.acknowledged);
    }
    await server.restart();
    const entries = await entriesOf(server);
    check(entries, last, all, acknowledged);
    last = entries;
  }
  await server.kill();
  const [file] = server.databases();
  const database = new DatabaseSync(file!);
  const { segments } = database
    .prepare("SELECT count(*) AS segments FROM blob WHERE kind = 3")
    .get()!;
  database.close();
  assert.ok(Number(segments) > ROUNDS, "there were checkpoints all along");
  context.diagnostic(`${acknowledged.length} entries acknowledged, ${last.length} there`);
});

function check(
  entries: [string, string][],
  before: [string, string][],
  sent: Set<string>,
  acknowledged: string[],
): void {
  const values = entries.map(([, value]) => value);
  const present = new Set(values);
  assert.equal(present.size, values.length, "no entry is there twice");
  assert.deepEqual(
    acknowledged.filter((value) => !present.has(value)),
    [],
    "acknowledged, but lost",
  );
  assert.deepEqual(
    values.filter((value) => !sent.has(value)),
    [],
    "never sent, but there",
  );
  assert.deepEqual(entries.slice(0, before.length), before, "what was there stays as it was");
  // One sender's entries are in the order in which they were sent.
  const places = new Map(values.map((value, place) => [value, place]));
  const known = [...sent].filter((value) => places.has(value));
  const bySender = Map.groupBy(known, (value) => value.split(".").slice(0, 2).join("."));
  for (const ofOne of bySender.values()) {
    const inOrder = ofOne.map((value) => places.get(value)!);
    assert.deepEqual(
      inOrder,
      inOrder.toSorted((a, b) => a - b),
    );
  }
}
