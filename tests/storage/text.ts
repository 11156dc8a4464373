/** Texts of entries, for tests that want streams of a certain size. */

/**
 * A text of `bytes` bytes that begins otherwise than those of the numbers around it: a node writes
 * once what a field's values begin with, so equal texts would make a small stream.
 */
export function textOf(n: number, bytes: number): string {
  return [...String(n)].reverse().join("").padEnd(bytes, "x");
}
