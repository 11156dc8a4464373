/** Values larger than a storage's row are split over several, numbered from 0. */

import { concat } from "../bytes.ts";
import { StorageError } from "../errors.ts";

/** The parts of a value: the first of at most `firstBytes`, the others of at most `otherBytes`. */
export function splitParts(
  bytes: Uint8Array,
  firstBytes: number,
  otherBytes: number,
): readonly Uint8Array[] {
  const parts = [bytes.subarray(0, firstBytes)];
  for (let at = firstBytes; at < bytes.byteLength; at += otherBytes)
    parts.push(bytes.subarray(at, at + otherBytes));
  return parts;
}

/** A value and the numbers that make its key. */
export interface Keyed {
  readonly key: readonly number[];
  readonly bytes: Uint8Array;
}

/** Puts values together from their parts, which come in the order of key and part. */
export class PartJoiner {
  readonly #what: string;
  readonly #values: { key: readonly number[]; parts: Uint8Array[] }[] = [];

  /** @param what names a value in an error's text, as `blob` */
  constructor(what: string) {
    this.#what = what;
  }

  /**
   * Takes the next part.
   *
   * @throws StorageError when the part before it is missing
   */
  add(key: readonly number[], part: number, bytes: Uint8Array): void {
    const last = this.#values.at(-1);
    const isNext = last?.key.every((number, at) => number === key[at]) ?? false;
    if (isNext && part === last?.parts.length) last.parts.push(bytes);
    else if (part === 0) this.#values.push({ key, parts: [bytes] });
    else throw new StorageError(`a part is missing before part ${part} of ${this.#name(key)}`);
  }

  /** All values. */
  finish(): Keyed[] {
    return this.#values.map(({ key, parts }) => ({ key, bytes: joined(parts) }));
  }

  #name(key: readonly number[]): string {
    return `${this.#what} (${key.join(", ")})`;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : concat(parts);
}
