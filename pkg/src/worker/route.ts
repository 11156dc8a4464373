/** Where each request of a pipeline belongs. The layout is in worker/src/route.rs. */

import * as limits from "../limits.ts";

/** What is to be done with a request, by the numbers of worker/src/route.rs. */
const KINDS = [
  "door",
  "keyed",
  "session",
  "refused",
  "sum",
  "read",
  "groupRead",
  "pop",
  "index",
  "channels",
  "multi",
  "exec",
  "discard",
  "quit",
  "reset",
  "continued",
  "watch",
  "unwatch",
] as const;

/** Beyond what the core tells: a key is longer than one may be. */
type Local = "tooLong";

export type Kind = (typeof KINDS)[number] | Local;

/** A request within a pipeline, and the objects of its keys. */
export interface Route {
  kind: Kind;
  /** The request. */
  bytes: Uint8Array<ArrayBuffer>;
  /** For each key the name of its object, in the order of the keys. */
  names: readonly string[];
}

/** Reads what the core's `route` found in these requests. */
export function readRoutes(requests: Uint8Array<ArrayBuffer>, found: Uint32Array): Route[] {
  const routes: Route[] = [];
  let at = 0;
  while (at < found.length) {
    const [kind = 0, start = 0, end = 0, keys = 0] = found.subarray(at, at + 4);
    at += 4;
    const bytes = requests.subarray(start, end);
    const own: Uint8Array[] = [];
    for (let key = 0; key < keys; key++, at += 2)
      own.push(requests.subarray(found[at], found[at + 1]));
    if (own.some(({ byteLength }) => byteLength > limits.keyBytes))
      routes.push({ kind: "tooLong", bytes, names: [] });
    else routes.push({ kind: KINDS[kind] ?? "refused", bytes, names: own.map(objectName) });
  }
  return routes;
}

/** Whether all keys are in one object. */
export function isInOne({ names }: Route): boolean {
  return names.every((name) => name === names[0]);
}

/** The words of a complete request, as views of it. */
export function readWords(request: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const words: Uint8Array<ArrayBuffer>[] = [];
  let at = request.indexOf(LF) + 1;
  while (at < request.byteLength) {
    const lineEnd = request.indexOf(LF, at);
    let length = 0;
    for (let digit = at + 1; digit < lineEnd - 1; digit++) {
      length = length * 10 + ((request[digit] ?? ZERO) - ZERO);
    }
    words.push(request.subarray(lineEnd + 1, lineEnd + 1 + length));
    at = lineEnd + 1 + length + 2;
  }
  return words;
}

const LF = 10;
const ZERO = 0x30;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * The name of the object that holds a key: what is between the key's first `{` and the next `}`,
 * or the whole key when that is nothing. Bytes that are not printable ASCII are written `%XX`, so
 * that any key has a name, and no two keys the same.
 */
export function objectName(key: Uint8Array): string {
  const open = key.indexOf(OPEN);
  const close = open < 0 ? -1 : key.indexOf(CLOSE, open + 1);
  let name = "";
  for (const byte of close > open + 1 ? key.subarray(open + 1, close) : key) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x25;
    name += isPlain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return name;
}
