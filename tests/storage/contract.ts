/**
 * What every storage driver must do, as cases that run in Node and in a browser alike: so they
 * import nothing of either.
 */

import type { Blob, BlobKey, Commit, Storage } from "../../pkg/src/storage/storage.ts";
import { type Random, randomOf, seedOfRun } from "./random.ts";

/** A driver, and places for it. */
export interface Driver {
  /** Opens the storage at a place, which stays as the last one left it. */
  open(place: string): Promise<Storage>;
}

/** One thing that a driver must do. */
export interface ContractCase {
  readonly name: string;
  run(driver: Driver, place: string): Promise<void>;
}

const SEGMENT = 3;
const PAGE = 4;
/** More than a row of any storage takes, so of several parts. */
const LARGE_BYTES = 2_500_000;
/** The greatest number in an address. */
const GREATEST = 2 ** 53 - 1;

const bytes = (length: number, seed: number) => {
  const filled = new Uint8Array(length);
  let state = (seed % 2 ** 30) * 2 + 1;
  for (let at = 0; at < length; at++) {
    state = Math.imul(state, 0x9e3779b1) + 0x6d2b79f5;
    filled[at] = state >>> 24;
  }
  return filled;
};

const batch = (number: number, length = 20) => ({ number, bytes: bytes(length, number) });
const journal = (...numbers: number[]): Commit => ({
  journal: numbers.map((number) => batch(number)),
  checkpoint: undefined,
});
const blob = (kind: number, stream: number, number: number, length = 50): Blob => ({
  ...{ kind, stream, number },
  bytes: bytes(length, kind + 7 * stream + 11 * number + length),
});
const checkpoint = (put: Blob[], remove: BlobKey[] = [], journalStart = 0): Commit => ({
  journal: [],
  checkpoint: { put, delete: remove, journalStart },
});
const segment = (stream: number, number: number): BlobKey => ({ kind: SEGMENT, stream, number });

export const contract: readonly ContractCase[] = [
  on("an empty storage holds nothing", async (storage) => {
    await expectHeld(storage, [], []);
    equal(await storage.read([segment(1, 1)]), [undefined], "a segment");
  }),

  on("what was committed is loaded, also when it is opened again", async (storage, again) => {
    await storage.commit(journal(5));
    await storage.commit(journal(6, 7, 8));
    await expectHeld(storage, [], [5, 6, 7, 8]);
    await expectHeld(await again(), [], [5, 6, 7, 8]);
  }),

  on("blobs of every kind are loaded but the cold ones, which are read", async (storage, again) => {
    const heads = [blob(0, 0, 0), blob(1, 3, 0), blob(2, 3, 1), blob(2, 3, 2)];
    const segments = [blob(SEGMENT, 3, 4), blob(SEGMENT, 3, 5), blob(SEGMENT, 12, 4)];
    const page = blob(PAGE, 3, 4, 77);
    await storage.commit(checkpoint([...heads, ...segments, page]));
    const asked = [segment(12, 4), segment(3, 6), segment(3, 5), segment(3, 4), segment(3, 5)];
    const [four, five, twelve] = segments.map((one) => one.bytes);
    for (const open of [async () => storage, again]) {
      const one = await open();
      await expectHeld(one, heads, []);
      equal(await one.read(asked), [twelve, undefined, five, four, five], "segments");
      equal(
        await one.read([page, ...asked]),
        [page.bytes, twelve, undefined, five, four, five],
        "a page",
      );
      equal(await one.read([]), [], "no blob");
    }
  }),

  on("a blob of any length replaces one of any other", async (storage, again) => {
    const lengths = [10, LARGE_BYTES, 0, 2 * LARGE_BYTES, LARGE_BYTES, 1_900_000, 1_900_001, 1];
    for (const length of lengths) {
      const [head, run] = [blob(1, 1, 0, length), blob(SEGMENT, 1, 1, length)];
      await storage.commit(checkpoint([head, run]));
      await expectHeld(storage, [head], []);
      equal(await storage.read([segment(1, 1)]), [run.bytes], `a segment of ${length} bytes`);
    }
    await storage.commit(checkpoint([blob(1, 1, 0, LARGE_BYTES)]));
    await expectHeld(await again(), [blob(1, 1, 0, LARGE_BYTES)], []);
  }),

  on(
    "a deleted blob is gone with all its parts, one that was not there is no matter",
    async (storage) => {
      await storage.commit(
        checkpoint([blob(1, 1, 0, LARGE_BYTES), blob(1, 2, 0), blob(SEGMENT, 1, 1)]),
      );
      const gone = [blob(1, 1, 0), blob(SEGMENT, 1, 1), blob(2, 9, 9)];
      await storage.commit(checkpoint([], gone));
      await expectHeld(storage, [blob(1, 2, 0)], []);
      equal(await storage.read([segment(1, 1)]), [undefined], "the deleted segment");
      await storage.commit(checkpoint([blob(1, 1, 0, 3)]));
      await expectHeld(storage, [blob(1, 1, 0, 3), blob(1, 2, 0)], []);
    },
  ),

  on("a journal goes on after every checkpoint, with no batch missing", async (storage, again) => {
    let number = 0;
    for (const count of [3, 1, 40, 7, 2, 60]) {
      const numbers = Array.from({ length: count }, () => number++);
      await storage.commit(journal(...numbers));
      await storage.commit(checkpoint([blob(0, 0, 0)], [], number));
      for (let at = 0; at < 5; at++) await storage.commit(journal(number + at));
      await expectHeld(storage, [blob(0, 0, 0)], range(number, number + 5), number);
      number += 5;
    }
    await expectHeld(await again(), [blob(0, 0, 0)], range(number - 5, number), number - 5);
  }),

  on("a checkpoint keeps the batches from its start on", async (storage, again) => {
    await storage.commit(journal(1, 2, 3, 4, 5));
    await storage.commit(checkpoint([blob(0, 0, 0)], [], 4));
    await expectHeld(storage, [blob(0, 0, 0)], [4, 5], 4);
    await storage.commit(journal(6));
    await expectHeld(await again(), [blob(0, 0, 0)], [4, 5, 6], 4);
  }),

  on("a checkpoint and the batches after it come in one commit", async (storage, again) => {
    await storage.commit(journal(1, 2));
    await storage.commit({ ...checkpoint([blob(0, 0, 0)], [], 3), journal: [batch(3), batch(4)] });
    await expectHeld(storage, [blob(0, 0, 0)], [3, 4], 3);
    await expectHeld(await again(), [blob(0, 0, 0)], [3, 4], 3);
  }),

  on(
    "large batches are kept, and leave nothing in the way of later ones",
    async (storage, again) => {
      const large = [1, 2, 3].map((number) => batch(number, LARGE_BYTES));
      await storage.commit({ journal: large, checkpoint: undefined });
      equal(
        await batches(storage, 0),
        large.map((one) => one.bytes),
        "large batches",
      );
      await storage.commit(checkpoint([blob(0, 0, 0)], [], 4));
      await storage.commit(journal(4));
      await expectHeld(storage, [blob(0, 0, 0)], [4], 4);
      await expectHeld(await again(), [blob(0, 0, 0)], [4], 4);
    },
  ),

  on("the greatest numbers are kept exactly", async (storage, again) => {
    const keys = [
      blob(1, GREATEST, 0),
      blob(2, GREATEST, GREATEST),
      blob(2, GREATEST, GREATEST - 1),
    ];
    const cold = [blob(SEGMENT, GREATEST, GREATEST), blob(PAGE, GREATEST, GREATEST)];
    await storage.commit(checkpoint([...keys, ...cold], [], GREATEST));
    await storage.commit(journal(GREATEST));
    await expectHeld(await again(), keys, [GREATEST], GREATEST);
  }),

  on("a commit that fails has not happened", async (storage, again) => {
    await storage.commit({ ...checkpoint([blob(0, 0, 0), blob(1, 1, 0)]), journal: [batch(1)] });
    const failing: Commit[] = [
      { journal: [batch(2), unreadable(batch(3))], checkpoint: undefined },
      checkpoint([blob(1, 1, 0, 9), unreadable(blob(1, 2, 0))], [blob(0, 0, 0)], 2),
    ];
    for (const commit of failing) {
      await rejects(async () => await storage.commit(commit), /cannot be had/);
      await expectHeld(storage, [blob(0, 0, 0), blob(1, 1, 0)], [1]);
    }
    await storage.commit(journal(2));
    await expectHeld(await again(), [blob(0, 0, 0), blob(1, 1, 0)], [1, 2]);
  }),

  on("bytes that were handed over may be used for something else", async (storage) => {
    const commit = { ...checkpoint([blob(1, 1, 0), blob(SEGMENT, 1, 1)]), journal: [batch(0)] };
    const given = [...(commit.checkpoint?.put ?? []), ...commit.journal];
    const copies = given.map((one) => one.bytes.slice());
    await storage.commit(commit);
    for (const one of given) one.bytes.fill(0);
    const { blobs, journal } = await storage.load();
    const [segments] = [await storage.read([segment(1, 1)])];
    equal([blobs[0]?.bytes, segments[0], journal[0]], copies, "what was written");
  }),

  {
    name: "a second one is refused while the first is open",
    async run(driver, place) {
      const first = await driver.open(place);
      await first.load();
      await first.commit(journal(0));
      await rejects(() => driver.open(place), /open/, "IN_USE");
      await first.commit(journal(1));
      await expectHeld(first, [], [0, 1]);
      await first.close();
      const second = await driver.open(place);
      await expectHeld(second, [], [0, 1]);
      await second.close();
    },
  },

  {
    name: "random commits leave what they say",
    async run(driver, place) {
      const seed = seedOfRun();
      try {
        await runRandomly(driver, place, randomOf(seed));
      } catch (cause) {
        throw new Error(`with seed ${seed}: ${String(cause)}`, { cause });
      }
    },
  },
];

/** A case on one storage; `again` closes it and opens the place again. */
function on(
  name: string,
  body: (storage: Storage, again: () => Promise<Storage>) => Promise<void>,
): ContractCase {
  return {
    name,
    async run(driver, place) {
      let storage = await driver.open(place);
      await storage.load();
      const again = async () => {
        await storage.close();
        storage = await driver.open(place);
        await storage.load();
        return storage;
      };
      await body(storage, again);
      await storage.close();
    },
  };
}

/** Commits of every form beside a map that does the same. */
async function runRandomly(driver: Driver, place: string, random: Random): Promise<void> {
  let storage = await driver.open(place);
  await storage.load();
  const blobs = new Map<string, Blob>();
  let [number, start] = [0, 0];
  const key = (): BlobKey => {
    const kind = random(5);
    return { kind, stream: kind === 0 ? 0 : random(3), number: kind < 2 ? 0 : random(3) };
  };
  for (let step = 0; step < 120; step++) {
    const count = random(4);
    const journal = Array.from({ length: count }, () => batch(number++, random(200)));
    const commit: Commit = { journal, checkpoint: undefined };
    if (random(4) === 0) {
      const put = Array.from({ length: random(4) }, () => {
        const length = random(10) === 0 ? 1_900_000 + random(2_000_000) : random(300);
        return { ...key(), bytes: bytes(length, step) };
      });
      const isPut = (gone: BlobKey) => put.some((one) => addressOf(one) === addressOf(gone));
      const gone = Array.from({ length: random(3) }, key).filter((one) => !isPut(one));
      start = number - random(count + 1);
      commit.checkpoint = { put, delete: gone, journalStart: start };
      for (const one of gone) blobs.delete(addressOf(one));
      for (const one of put) blobs.set(addressOf(one), one);
    }
    await storage.commit(commit);
    if (random(10) === 0) {
      await storage.close();
      storage = await driver.open(place);
      await storage.load();
    }
    if (random(3) > 0) continue;
    const { journal: kept } = await storage.load();
    const wanted = [...blobs.values()].filter(({ kind }) => kind < SEGMENT);
    equal(sorted((await storage.load()).blobs), sorted(wanted), `blobs after step ${step}`);
    if (kept.length < number - start) throw new Error(`batches are missing after step ${step}`);
    const at = segment(random(3), random(3));
    const there = blobs.get(addressOf(at));
    equal(await storage.read([at]), [there?.bytes], `a segment after step ${step}`);
  }
  await storage.close();
}

/** Something to write whose bytes cannot be had. */
function unreadable<T extends { bytes: Uint8Array }>(one: T): T {
  return Object.defineProperty(one, "bytes", {
    get: () => {
      throw new RangeError("these bytes cannot be had");
    },
  });
}

const range = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, at) => start + at);

const addressOf = ({ kind, stream, number }: BlobKey) => `${kind}/${stream}/${number}`;

const sorted = (blobs: readonly Blob[]) =>
  blobs.toSorted((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));

/** Checks what a storage holds; batches below `start` may be there or not. */
async function expectHeld(
  storage: Storage,
  blobs: readonly Blob[],
  numbers: readonly number[],
  start = 0,
): Promise<void> {
  equal(sorted((await storage.load()).blobs), sorted(blobs), "blobs");
  const expected = numbers.map((number) => batch(number).bytes);
  equal(await batches(storage, start), expected, "journal batches");
}

/** The batches in the order of their numbers, which the driver does not promise. */
async function batches(storage: Storage, start: number): Promise<Uint8Array[]> {
  const { journal } = await storage.load();
  const below = new Set(range(Math.max(0, start - 200), start).map((n) => render(batch(n).bytes)));
  return journal.filter((bytes) => !below.has(render(bytes)));
}

async function rejects(run: () => Promise<unknown>, message: RegExp, code?: string): Promise<void> {
  const error: unknown = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof Error)) throw new Error(`it should have failed with ${message}`);
  if (!message.test(error.message)) throw error;
  if (code !== undefined) equal((error as Error & { code?: unknown }).code, code, "code");
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [render(actual), render(expected)];
  if (is !== should) throw new Error(`${what}: ${is}, but expected was ${should}`);
}

/** A text that tells values apart, and large ones shortly. */
function render(value: unknown): string {
  return JSON.stringify(value, (_, one) => {
    if (!(one instanceof Uint8Array)) return one === undefined ? "none" : one;
    let hash = 0;
    for (const byte of one) hash = (Math.imul(hash, 31) + byte) | 0;
    return `${one.byteLength} bytes ${hash.toString(16)}`;
  });
}
