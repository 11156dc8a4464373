/** What the console counts of streams and groups that are large: true numbers, in few commands. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Eddyline } from "eddyline";
import { previewTrim } from "../../www/src/entries/trim.ts";
import { previewPosition } from "../../www/src/groups/position.ts";
import { sampleGroupOf, sampleStream } from "../../www/src/observe/sample.ts";

const KEY = "many";
const ENTRIES = 40_000;
const DELIVERED = 25_000;
/** Every third of what was delivered is acknowledged. */
const isAcknowledged = (n: number) => n % 3 === 0;
const PATIENT = { signal: new AbortController().signal };

const idOf = (n: number) => `${n}-0`;

/** How many numbers from 1 to `last` hold. */
function counted(last: number, holds: (n: number) => boolean): number {
  let count = 0;
  for (let n = 1; n <= last; n++) if (holds(n)) count++;
  return count;
}

const exactly = (count: number) => ({ count, isMore: false });

describe("a stream of many entries", () => {
  let db: Eddyline;

  before(async () => {
    db = await Eddyline.open("memory://");
    for (let n = 1; n <= ENTRIES; n += 1000)
      await Promise.all(
        Array.from({ length: 1000 }, (_, at) => db.xAdd(KEY, idOf(n + at), { n: String(n + at) })),
      );
    await db.xGroupCreate(KEY, "readers", "0");
    await db.xReadGroup("readers", "ana", { key: KEY, id: ">" }, { COUNT: DELIVERED });
    const done = Array.from({ length: DELIVERED }, (_, at) => at + 1).filter(isAcknowledged);
    await db.xAck(KEY, "readers", done.map(idOf));
  });
  after(() => db?.close());

  const pendingUpTo = (n: number) => counted(Math.min(n, DELIVERED), (m) => !isAcknowledged(m));

  for (const keep of [0, 5, ENTRIES / 2, ENTRIES - 5, ENTRIES, ENTRIES + 1]) {
    test(`a trim to the newest ${keep} counts what goes, and who needs it`, async () => {
      const sample = await sampleStream(db, KEY);
      const preview = await previewTrim(db, sample, { by: "MAXLEN", keep }, PATIENT);
      const removed = Math.max(0, ENTRIES - keep);
      assert.deepEqual(preview, {
        removed: exactly(removed),
        groups: [
          {
            name: "readers",
            undelivered: exactly(Math.max(0, removed - DELIVERED)),
            pending: exactly(pendingUpTo(removed)),
          },
        ],
      });
    });
  }

  for (const first of [0, 1, 12_345, 24_999, ENTRIES - 3, ENTRIES + 1]) {
    test(`a trim to those from ${first} on counts the same`, async () => {
      const sample = await sampleStream(db, KEY);
      const cut = { by: "MINID", id: String(first) } as const;
      const { removed, groups } = await previewTrim(db, sample, cut, PATIENT);
      const gone = Math.min(ENTRIES, Math.max(0, first - 1));
      assert.deepEqual(removed, exactly(gone));
      assert.deepEqual(groups[0]?.pending, exactly(pendingUpTo(gone)));
      assert.deepEqual(groups[0]?.undelivered, exactly(Math.max(0, gone - DELIVERED)));
    });
  }

  for (const n of [0, 7, 12_345, DELIVERED, 30_000, ENTRIES - 2, ENTRIES]) {
    test(`a position behind ${n} counts what comes again and what is skipped`, async () => {
      const { stream, group } = await sampleGroupOf(db, KEY, "readers");
      const position = { at: "id", id: idOf(n) } as const;
      assert.deepEqual(await previewPosition(db, stream, group, position, PATIENT), {
        id: idOf(n),
        again: exactly(Math.max(0, DELIVERED - n)),
        skipped: exactly(Math.max(0, n - DELIVERED)),
        pending: exactly(n < DELIVERED ? pendingUpTo(DELIVERED) - pendingUpTo(n) : 0),
        entriesRead: n,
      });
    });
  }

  test("what is near an end is counted in few pages, and the ends in none", async () => {
    const { stream, group } = await sampleGroupOf(db, KEY, "readers");
    const pages = async (look: (counting: Eddyline) => Promise<unknown>) => {
      let asked = 0;
      const counting = new Proxy(db, {
        get(target, name) {
          const value = Reflect.get(target, name, target);
          if (name === "sendCommand") asked++;
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      await look(counting);
      return asked;
    };
    const cut = { by: "MINID", id: idOf(ENTRIES - 1500) } as const;
    assert.ok((await pages((counting) => previewTrim(counting, stream, cut, PATIENT))) <= 6);
    for (const at of ["start", "end"] as const) {
      const asked = await pages((counting) =>
        previewPosition(counting, stream, group, { at }, PATIENT),
      );
      assert.ok(asked <= 2, `${asked} pages for the ${at}`);
    }
  });

  test("who has enough of counting hears what was counted", async () => {
    const sample = await sampleStream(db, KEY);
    const enough = new AbortController();
    const heard: number[] = [];
    const preview = await previewTrim(
      db,
      sample,
      { by: "MINID", id: idOf(ENTRIES / 2) },
      {
        signal: enough.signal,
        onCount: (so) => {
          if (heard.push(so) === 3) enough.abort();
        },
      },
    );
    assert.deepEqual(heard, [1000, 2000, 3000]);
    assert.deepEqual(preview.removed, { count: 3000, isMore: true });
  });
});
