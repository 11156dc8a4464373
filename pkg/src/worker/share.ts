/** Requests divided by the objects of their keys. */

import { encodeRequests } from "../framing.ts";
import { type Route, readWords } from "./route.ts";

/** What of a request goes to one object. */
export interface Share {
  name: string;
  request: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A command whose arguments are all keys, as `DEL a b`. */
export function shareKeys({ bytes, names }: Route): Share[] {
  const [command, ...keys] = readWords(bytes);
  return share(names, (places) => [command!, ...places.map((place) => keys[place]!)]);
}

/** XREAD or XREADGROUP, which has its keys at the end, and as many IDs behind them. */
export function shareRead({ bytes, names }: Route): Share[] {
  const words = readWords(bytes);
  const keysAt = words.length - 2 * names.length;
  const options = words.slice(0, keysAt);
  return share(names, (places) => [
    ...options,
    ...places.map((place) => words[keysAt + place]!),
    ...places.map((place) => words[keysAt + names.length + place]!),
  ]);
}

/** For each object its part: `words` makes the request from the places of its keys. */
function share(
  names: readonly string[],
  words: (places: readonly number[]) => Uint8Array[],
): Share[] {
  const places = Map.groupBy(names.keys(), (place) => names[place]!);
  return [...places].map(([name, own]) => ({ name, request: encodeRequests([words(own)]) }));
}

/** Whether a read bounds what all its streams give together, which no object can know alone. */
export function hasCommonBound({ bytes, names }: Route): boolean {
  const words = readWords(bytes);
  const options = words.slice(1, words.length - 2 * names.length);
  return options.some((word) => /^(maxcount|maxsize)$/i.test(decoder.decode(word)));
}

/** For each object a request that fails where XREADGROUP would: the groups have to be there. */
export function shareGroupTests({ bytes, names }: Route): Share[] {
  const words = readWords(bytes);
  const groupAt = words.findIndex((word) => decoder.decode(word).toLowerCase() === "group") + 1;
  const keysAt = words.length - 2 * names.length;
  return names.map((name, place) => ({
    name,
    request: encodeRequests([["XPENDING", words[keysAt + place]!, words[groupAt]!]]),
  }));
}

/** The words of a wait, as the object has written it: where its STREAMS are, and its keys. */
export function readWait(request: Uint8Array<ArrayBuffer>): {
  words: Uint8Array[];
  streamsAt: number;
  keys: Uint8Array[];
} {
  const words = readWords(request);
  // A group and a consumer may be called so, too.
  const from = decoder.decode(words[0]) === "XREADGROUP" ? 4 : 1;
  const streamsAt = words.findIndex((word, at) => at >= from && decoder.decode(word) === "STREAMS");
  const count = (words.length - streamsAt - 1) / 2;
  return { words, streamsAt, keys: words.slice(streamsAt + 1, streamsAt + 1 + count) };
}

/** The rest of a wait: what the object made of the read, with the time that is left. */
export function shorten(
  request: Uint8Array<ArrayBuffer>,
  leftMs: number | undefined,
): Uint8Array<ArrayBuffer> {
  if (leftMs === undefined) return request;
  const { words, streamsAt } = readWait(request);
  const blockAt = words.findLastIndex(
    (word, at) => at < streamsAt && decoder.decode(word) === "BLOCK",
  );
  return encodeRequests([words.with(blockAt + 1, encoder.encode(milliseconds(leftMs)))]);
}

function milliseconds(leftMs: number): string {
  return String(Math.max(1, Math.ceil(leftMs)));
}
