/** The output gate alone: what goes out when, and what shares a commit. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Answer } from "../src/call.ts";
import { OutputGate } from "../src/gate.ts";
import * as limits from "../src/limits.ts";
import type { JournalBatch } from "../src/storage/storage.ts";
import { ScriptedStorage } from "./scripted-storage.ts";

/** A gate over a scripted storage, and what came out of it. */
function open() {
  const storage = new ScriptedStorage();
  const out: unknown[] = [];
  const dropped: unknown[] = [];
  const failures: unknown[] = [];
  const checkpoint = { put: [], delete: [], journalStart: 0 };
  const gate = new OutputGate(
    storage,
    () => checkpoint,
    (cause) => failures.push(cause),
  );
  const call = {
    read: () => undefined,
    resolve: (value: unknown) => out.push(value),
    reject: (reason: unknown) => dropped.push(reason),
  };
  const answer = (value: string): Answer => new Answer(call, value, false);
  return { storage, gate, out, dropped, failures, answer, checkpoint };
}

const batch = (number: number, length = 1): JournalBatch => ({
  number,
  bytes: new Uint8Array(length),
});
const numbers = (storage: ScriptedStorage) =>
  storage.commits.map(({ journal }) => journal.map(({ number }) => number));

describe("the output gate", () => {
  it("lets answers out at once when the storage commits at once", () => {
    const { storage, gate, out, answer } = open();
    gate.pass(batch(1), [answer("a")], false);
    assert.deepEqual(out, ["a"]);
    assert.deepEqual(numbers(storage), [[1]]);
    assert.ok(gate.isOpen);
  });

  it("holds answers until their commit has ended, also those of reads behind it", async () => {
    const { storage, gate, out, answer } = open();
    storage.isHolding = true;
    gate.pass(batch(1), [answer("write")], false);
    assert.ok(!gate.isOpen);
    gate.pass(undefined, [answer("read")], false);
    await Promise.resolve();
    assert.deepEqual(out, []);
    storage.letGo();
    await gate.settled();
    assert.deepEqual(out, ["write", "read"]);
    assert.deepEqual(numbers(storage), [[1]], "a read alone is no commit");
  });

  it("puts what comes during a commit into the next one", async () => {
    const { storage, gate, out, answer } = open();
    storage.isHolding = true;
    for (const number of [1, 2, 3]) gate.pass(batch(number), [answer(`${number}`)], false);
    assert.deepEqual(numbers(storage), [[1]]);
    storage.letGo();
    await gate.settled();
    assert.deepEqual(numbers(storage), [[1], [2, 3]]);
    assert.deepEqual(out, ["1", "2", "3"]);
  });

  it("bounds what shares a commit", async () => {
    const { storage, gate } = open();
    storage.isHolding = true;
    gate.pass(batch(1), [], false);
    gate.pass(batch(2, limits.commitBytes), [], false);
    gate.pass(batch(3), [], false);
    storage.letGo();
    await gate.settled();
    assert.deepEqual(numbers(storage), [[1], [2], [3]]);
  });

  it("writes a checkpoint that is due with the next commit, once", async () => {
    const { storage, gate } = open();
    storage.isHolding = true;
    gate.pass(batch(1), [], false);
    gate.pass(batch(2), [], true);
    storage.letGo();
    await gate.settled();
    gate.pass(batch(3), [], false);
    assert.deepEqual(
      storage.commits.map(({ checkpoint }) => checkpoint !== undefined),
      [false, true, false],
    );
  });

  it("begins a commit when the storage has gathered what shares it", async () => {
    const { storage, gate, out, answer } = open();
    const begins: (() => void)[] = [];
    Object.assign(storage, { gather: (begin: () => void) => begins.push(begin) });
    for (const number of [1, 2]) gate.pass(batch(number), [answer(`${number}`)], false);
    assert.ok(!gate.isOpen, "a read would tell of what is not kept");
    gate.pass(undefined, [answer("read")], false);
    assert.deepEqual([out, numbers(storage), begins.length], [[], [], 1]);
    begins.shift()?.();
    assert.deepEqual([out, numbers(storage)], [["1", "2", "read"], [[1, 2]]]);
    assert.ok(gate.isOpen);
    gate.pass(batch(3), [answer("3")], false);
    begins.shift()?.();
    assert.deepEqual([out.at(-1), numbers(storage)], ["3", [[1, 2], [3]]]);
    assert.equal(begins.length, 0);
  });

  it("forgets what was gathered when it is dropped", () => {
    const { storage, gate, out, answer } = open();
    let begin = () => {};
    Object.assign(storage, { gather: (given: () => void) => (begin = given) });
    gate.pass(batch(1), [answer("1")], false);
    assert.equal(gate.drop().length, 1);
    begin();
    assert.deepEqual([out, numbers(storage)], [[], []]);
  });

  it("writes no batch that a checkpoint covers, and lets all that it covers out with it", async () => {
    const { storage, gate, out, answer, checkpoint } = open();
    storage.isHolding = true;
    gate.pass(batch(1), [answer("1")], false);
    gate.pass(batch(2, limits.commitBytes), [answer("2")], false);
    gate.pass(batch(3, limits.commitBytes), [answer("3")], true);
    gate.pass(batch(4), [answer("4")], false);
    checkpoint.journalStart = 4;
    storage.letGo();
    await gate.settled();
    assert.deepEqual(numbers(storage), [[1], [4]]);
    assert.deepEqual(out, ["1", "2", "3", "4"]);
    assert.equal(storage.commits[1]?.checkpoint?.journalStart, 4);
  });

  it("writes a checkpoint that is due without a batch", () => {
    const { storage, gate } = open();
    gate.pass(undefined, [], true);
    assert.deepEqual(
      storage.commits.map(({ checkpoint }) => checkpoint !== undefined),
      [true],
    );
  });

  for (const isHolding of [false, true]) {
    it(`keeps everything when a commit fails${isHolding ? " later" : ""}, and says so once`, async () => {
      const { storage, gate, out, dropped, failures, answer } = open();
      storage.isHolding = isHolding;
      storage.failure = new Error("disk full");
      gate.pass(batch(1), [answer("1")], false);
      gate.pass(batch(2), [answer("2")], false);
      storage.letGo();
      await gate.settled();
      assert.deepEqual(failures, [storage.failure]);
      for (const held of gate.drop()) held.drop(storage.failure);
      assert.deepEqual([out, dropped], [[], [storage.failure, storage.failure]]);
      assert.equal(storage.commits.length, 1);
    });
  }
});
