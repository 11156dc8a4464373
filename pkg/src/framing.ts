/** Where requests and replies end, for transports that carry them as bytes. */

import { type Argv, requestBound, writeRequest } from "./resp.ts";
import { ARRAY, BULK, LF, MAP, PUSH, SET, VERBATIM } from "./resp-types.ts";
import { decodeText } from "./text.ts";

/** The bytes of one or several commands as requests. */
export function encodeRequests(commands: readonly Argv[]): Uint8Array<ArrayBuffer> {
  const bound = commands.reduce((sum, argv) => sum + requestBound(argv), 0);
  const out = new Uint8Array(bound);
  let end = 0;
  for (const argv of commands) end = writeRequest(out, end, argv);
  return out.slice(0, end);
}

/**
 * How many replies a run of complete requests is answered with, if none of them subscribes; -1 for
 * bytes that are no complete requests.
 */
export function countRequests(bytes: Uint8Array): number {
  let requests = 0;
  for (let at = 0; at < bytes.byteLength; ) {
    const words = countAt(bytes, at, ARRAY);
    at = bytes.indexOf(LF, at) + 1;
    if (Number.isNaN(words)) return -1;
    // An empty request is passed over.
    if (words > 0) requests++;
    for (let left = words; left > 0; left--) {
      const length = countAt(bytes, at, BULK);
      if (!(length >= 0)) return -1;
      at = bytes.indexOf(LF, at) + 1 + length + 2;
      if (at > bytes.byteLength) return -1;
    }
  }
  return requests;
}

/** The number on the line that begins at `at` with this type; NaN where there is no such line. */
function countAt(bytes: Uint8Array, at: number, type: number): number {
  const end = bytes.subarray(at, at + MAX_LINE).indexOf(LF);
  if (bytes[at] !== type || end < 2) return Number.NaN;
  const text = decodeText(bytes, at + 1, at + end - 1);
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** Bytes of a line that holds a type and a number. */
const MAX_LINE = 24;

/**
 * The end of the reply that begins at `start`, or -1 while it is not complete. For transports that
 * cut replies anywhere.
 */
export function replyEnd(bytes: Uint8Array, start: number, end: number = bytes.byteLength): number {
  let at = start;
  for (let left = 1; left > 0; left--) {
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd < 0 || lineEnd >= end) return -1;
    const type = bytes[at] as number;
    const count = hasCount(type) ? Number(decodeText(bytes, at + 1, lineEnd - 1)) : 0;
    at = lineEnd + 1;
    if (type === BULK || type === VERBATIM) {
      if (count >= 0) at += count + 2;
      if (at > end) return -1;
    } else if (count > 0) {
      left += type === MAP ? count * 2 : count;
    }
  }
  return at;
}

function hasCount(type: number): boolean {
  return (
    type === BULK ||
    type === ARRAY ||
    type === MAP ||
    type === SET ||
    type === PUSH ||
    type === VERBATIM
  );
}
