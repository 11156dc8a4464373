/** IDs of entries as texts, `ms-seq`: too large for a number, and not ordered as text. */

/** An entry's ID, or 0-0, with or without its second part. */
export const ID = /^\d{1,20}(-\d{1,20})?$/;

/** Whether it is the ID before every other, in any of its forms. */
export function isZero(id: string): boolean {
  return /^0+(-0+)?$/.test(id);
}

/** Whether the ID `a` comes before `b`. */
export function isBefore(a: string, b: string): boolean {
  if (a === b) return false;
  const [aMs, aSeq] = partsOf(a);
  const [bMs, bSeq] = partsOf(b);
  return aMs < bMs || (aMs === bMs && aSeq < bSeq);
}

function partsOf(id: string): [ms: bigint, seq: bigint] {
  const [ms = "0", seq = "0"] = id.split("-");
  return [BigInt(ms), BigInt(seq)];
}
