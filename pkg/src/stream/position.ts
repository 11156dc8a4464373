/** Places in a stream, and the bounds of reads as Redis writes them. */

/**
 * A place in a stream: an entry's ID (`1700000000000-0`; without the part behind the dash the first
 * of that millisecond), or a time.
 */
export type Position = string | Date;

/** Where reading begins: at a place, what is there included, or behind it. */
export type StartOptions =
  | {
      /** The first entry, if it is there. By default the stream's beginning. */
      readonly from?: Position | undefined;
      readonly after?: undefined;
    }
  | {
      readonly from?: undefined;
      /** The entry before the first: the one that was read last. */
      readonly after: Position;
    };

/** The ID that a position is. */
export function idOf(position: Position): string {
  return typeof position === "string" ? position : String(position.getTime());
}

/** A beginning as XRANGE takes it. */
export function lowerBound({ from, after }: StartOptions): string {
  if (after !== undefined) return `(${idOf(after)}`;
  return from === undefined ? "-" : idOf(from);
}

/** A beginning as XREAD takes it: the ID behind which to read. */
export function readBound({ from, after }: StartOptions): string {
  if (after !== undefined) return idOf(after);
  if (from === undefined) return "0-0";
  const id = idOf(from);
  return id === "$" ? id : before(id);
}

const LAST_SEQ = "18446744073709551615";

/** The greatest ID smaller than this one. What is no ID comes back as it is, for the engine to refuse. */
function before(id: string): string {
  const [, ms = "", seq = "0"] = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(id) ?? [];
  if (ms === "") return id;
  if (BigInt(seq) > 0n) return `${ms}-${BigInt(seq) - 1n}`;
  return BigInt(ms) > 0n ? `${BigInt(ms) - 1n}-${LAST_SEQ}` : "0-0";
}
