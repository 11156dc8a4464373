/** The memory that the objects of an isolate share: who gives up how much. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { levelOf, type Resident, Residents } from "../../pkg/src/worker/residents.ts";
import { textOf } from "../storage/text.ts";
import { Workerd } from "./workerd.ts";

/** An object all of whose bytes can be evicted, but for some. */
class Holder implements Resident {
  bytes = 0;
  readonly #fixed: number;

  constructor(fixed = 0) {
    this.#fixed = fixed;
  }

  evictTo(bytes: number): number {
    this.bytes = Math.max(Math.min(this.bytes, bytes), this.#fixed);
    return this.bytes;
  }
}

function call(residents: Residents, object: Holder, bytes: number, nowMs: number): void {
  object.bytes = bytes;
  residents.called(object, bytes, nowMs);
}

describe("a budget that objects share", () => {
  test("is one object's alone while no other has anything", () => {
    const residents = new Residents(100);
    const one = new Holder();
    call(residents, one, 100, 0);
    assert.equal(one.bytes, 100);
    call(residents, one, 130, 1);
    assert.equal(one.bytes, 100);
    assert.equal(residents.bytes, 100);
  });

  test("has the idle give up theirs first, whoever was idle longest before the others", () => {
    const residents = new Residents(100);
    const [oldest, older, busy] = [new Holder(), new Holder(), new Holder()];
    call(residents, oldest, 40, 0);
    call(residents, older, 40, 1000);
    call(residents, busy, 50, 60_000);
    assert.deepEqual([oldest.bytes, older.bytes, busy.bytes], [0, 40, 50]);
    call(residents, busy, 90, 60_001);
    assert.deepEqual([oldest.bytes, older.bytes, busy.bytes], [0, 0, 90]);
  });

  test("leaves busy neighbours a fair part, and the small what they have", () => {
    const residents = new Residents(100);
    const [small, one, other] = [new Holder(), new Holder(), new Holder()];
    call(residents, small, 10, 0);
    call(residents, one, 90, 1);
    call(residents, other, 80, 2);
    assert.deepEqual([small.bytes, one.bytes, other.bytes], [10, 45, 45]);
  });

  test("counts what cannot be evicted", () => {
    const residents = new Residents(100);
    const [dirty, other] = [new Holder(70), new Holder()];
    call(residents, dirty, 80, 0);
    call(residents, other, 80, 1);
    assert.deepEqual([dirty.bytes, other.bytes], [70, 50]);
    assert.equal(residents.bytes, 120);
    call(residents, other, 50, 2);
    assert.ok(other.bytes <= 50);
    residents.gone(dirty);
    assert.equal(residents.bytes, other.bytes);
  });

  test("has a level at which it is just enough", () => {
    assert.equal(levelOf([], 10), 10);
    assert.equal(levelOf([3, 4], 10), 10);
    assert.equal(levelOf([2, 9, 9], 10), 4);
    assert.equal(levelOf([5, 5, 5], 0), 0);
  });
});

test("objects of an isolate keep together what one may have, and have all that is theirs", async () => {
  const budget = 512 << 10;
  await using server = await Workerd.start({
    entry: "tests/workerd/fixtures/resident.ts",
    variables: { EDDYLINE_RESIDENT_BYTES: String(budget) },
  });
  const keys = ["a", "b", "c", "d"];
  for (let round = 0; round < 4; round++) {
    for (const key of keys) {
      const add = (_: unknown, at: number) => [
        "XADD",
        key,
        `${round + 1}-${at}`,
        "p",
        textOf(at, 2000),
      ];
      await server.pipeline(Array.from({ length: 200 }, add).slice(1));
    }
  }
  const resident = async () =>
    (await (await fetch(new URL("resident", server.address))).json()) as number;
  // What no checkpoint has written yet cannot be evicted: less than 256 KiB of each.
  assert.ok((await resident()) <= budget + keys.length * (300 << 10), String(await resident()));
  for (const key of keys) {
    const entries = (await server.result("XRANGE", key, "-", "+")) as unknown[];
    assert.equal(entries.length, 4 * 199);
    assert.ok((await resident()) <= budget + keys.length * (300 << 10), String(await resident()));
  }
});
