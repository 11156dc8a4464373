/** Random numbers that a seed repeats, for tests that say with which seed they failed. */

/**
 * The seed of this run: `EDDYLINE_SEED`, a number or `fresh`. Without it always the same one, so
 * that a run that nobody watches tells about the change before it, and not about the dice.
 */
export function seedOfRun(): number {
  // A page has no process.
  const given = globalThis.process?.env.EDDYLINE_SEED ?? "1";
  return given === "fresh" ? Math.trunc(Math.random() * 2 ** 31) : Number(given);
}

/** A whole number from 0 to below `bound`. */
export type Random = (bound: number) => number;

/** The mulberry32 generator. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
