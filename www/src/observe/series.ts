/** Values over time, of which the latest are kept. */

/** Readings that a series keeps: twenty minutes of one every two seconds. */
export const READINGS = 600;

/** Several values that are read together, over time; a value that is not known is `null`. */
export class Series<Name extends string> {
  readonly #names: readonly Name[];
  readonly #capacity: number;
  #times: number[] = [];
  readonly #values = new Map<Name, (number | null)[]>();

  constructor(names: readonly Name[], capacity = READINGS) {
    this.#names = names;
    this.#capacity = capacity;
    for (const name of names) this.#values.set(name, []);
  }

  /** How many readings there are. */
  get length(): number {
    return this.#times.length;
  }

  /** Adds a reading. */
  push(atMs: number, reading: Readonly<Partial<Record<Name, number | null>>>): void {
    this.#times.push(atMs);
    for (const name of this.#names) this.#of(name).push(reading[name] ?? null);
    // Cut in large pieces: a cut for each reading would move everything each time.
    if (this.#times.length < this.#capacity * 2) return;
    this.#times = this.#times.slice(-this.#capacity);
    for (const name of this.#names) this.#values.set(name, this.#of(name).slice(-this.#capacity));
  }

  /** When the latest readings were taken, milliseconds since the epoch. */
  times(): readonly number[] {
    return this.#times.slice(-this.#capacity);
  }

  /** The latest readings of one value. */
  values(name: Name): readonly (number | null)[] {
    return this.#of(name).slice(-this.#capacity);
  }

  /** The latest reading of one value. */
  last(name: Name): number | null {
    return this.#of(name).at(-1) ?? null;
  }

  /** How fast a counter has grown over the last `spanMs`, per second; `null` until it is known. */
  rate(name: Name, spanMs: number): number | null {
    const times = this.#times;
    const values = this.#of(name);
    const end = times.length - 1;
    let begin = end;
    while (begin > 0 && (times[end] ?? 0) - (times[begin] ?? 0) < spanMs) begin--;
    const [from, to] = [values[begin], values[end]];
    const passedMs = (times[end] ?? 0) - (times[begin] ?? 0);
    if (typeof from !== "number" || typeof to !== "number" || passedMs <= 0) return null;
    // A counter that went back was begun anew.
    return to < from ? null : ((to - from) * 1000) / passedMs;
  }

  /** As {@link rate}, at each of the latest readings. */
  rates(name: Name, spanMs: number): (number | null)[] {
    const times = this.times();
    const values = this.values(name);
    let begin = 0;
    return times.map((atMs, at) => {
      while (begin + 1 < at && atMs - (times[begin + 1] ?? 0) >= spanMs) begin++;
      const [from, to] = [values[begin], values[at]];
      const passedMs = atMs - (times[begin] ?? 0);
      if (typeof from !== "number" || typeof to !== "number" || passedMs <= 0) return null;
      return to < from ? null : ((to - from) * 1000) / passedMs;
    });
  }

  #of(name: Name): (number | null)[] {
    const values = this.#values.get(name);
    if (values === undefined) throw new Error(`a series has no value named ${name}`);
    return values;
  }
}
