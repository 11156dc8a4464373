/**
 * A folder whose file was flipped, cut or rearranged anywhere: it opens with everything that was in
 * it, or an error names what is wrong. It never opens with less and says nothing.
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  Eddyline,
  EddylineError,
  EngineLostError,
  type OpenOptions,
} from "../../pkg/src/entry/node.ts";
import { run, shortHistory } from "../storage/history.ts";
import { stateOf } from "../storage/model.ts";
import { type Random, randomOf, seedOfRun } from "../storage/random.ts";

const OPTIONS: OpenOptions = { appendfsync: "no", maxResidentBytes: 60_000 };
const DATABASE = "eddyline.sqlite";
const PAGE_BYTES = 4096;
/** What an error says of the place: a blob, a batch, or a part of SQLite's file. */
const PLACE =
  /of (segment|group|stream|meta|the journal|journal batch)|is missing|eddyline\.sqlite/;

const root = mkdtempSync(join(tmpdir(), "eddyline-damage-"));
after(() => rmSync(root, { recursive: true }));

describe("a damaged folder", () => {
  let whole: Buffer;
  let state: string;

  before(async () => {
    const folder = join(root, "whole");
    const db = await Eddyline.open(`file:${folder}`, OPTIONS);
    for (const command of shortHistory(randomOf(21), 400, 50)) await run(db, command);
    state = await stateOf(db);
    await db.close();
    whole = readFileSync(join(folder, DATABASE));
  });

  /** What a changed file leads to: an error's text, or `undefined` when all is there. */
  async function open(bytes: Buffer): Promise<string | undefined> {
    const folder = mkdtempSync(join(root, "damaged-"));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, DATABASE), bytes);
    try {
      await using db = await Eddyline.open(`file:${folder}`, OPTIONS);
      assert.equal((await stateOf(db)) === state, true, "it opened with something else in it");
      return undefined;
    } catch (error) {
      if (!(error instanceof EddylineError)) throw error;
      const reason = error instanceof EngineLostError ? (error.cause as Error) : error;
      assert.match(reason.message, PLACE);
      return reason.message;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const pages = () => whole.byteLength / PAGE_BYTES;
  const changes: [
    name: string,
    times: number,
    change: (bytes: Buffer, random: Random) => Buffer,
  ][] = [
    [
      "one bit flipped",
      150,
      (bytes, random) => {
        const at = random(bytes.byteLength);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        return bytes;
      },
    ],
    [
      "a run of bytes overwritten",
      60,
      (bytes, random) => {
        const at = random(bytes.byteLength);
        return bytes.fill(random(256), at, at + 1 + random(3000));
      },
    ],
    ["its end cut off", 60, (bytes, random) => bytes.subarray(0, 1 + random(bytes.byteLength))],
    [
      "two pages swapped",
      60,
      (bytes, random) => {
        const [one, other] = [random(pages()) * PAGE_BYTES, random(pages()) * PAGE_BYTES];
        const kept = Buffer.from(bytes.subarray(one, one + PAGE_BYTES));
        bytes.copy(bytes, one, other, other + PAGE_BYTES);
        kept.copy(bytes, other);
        return bytes;
      },
    ],
  ];

  for (const [name, times, change] of changes) {
    it(`with ${name} says so, or has lost nothing`, async (context) => {
      const seed = seedOfRun();
      const random = randomOf(seed);
      let refusals = 0;
      for (let time = 0; time < times; time++) {
        const bytes = change(Buffer.from(whole), random);
        const refusal = await open(bytes).catch((cause: unknown) => {
          throw new Error(`seed ${seed}, time ${time}`, { cause });
        });
        if (refusal !== undefined) refusals += 1;
      }
      assert.ok(refusals > times / 3);
      context.diagnostic(`${refusals} of ${times} refused`);
    });
  }

  it("with a row less in any page says so, or has lost nothing", async () => {
    for (let page = 0; page < pages(); page++) {
      const bytes = Buffer.from(whole);
      // The count of rows in the page's head, which in the first page follows that of the file.
      const at = page * PAGE_BYTES + (page === 0 ? 103 : 3);
      bytes.writeUInt16BE(Math.max(0, bytes.readUInt16BE(at) - 1), at);
      await open(bytes);
    }
  });

  it("without its tables is not taken for an empty one", async () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt16BE(0, 103);
    assert.match((await open(bytes)) ?? "", /eddyline\.sqlite: the tables are missing/);
  });
});
