/** Runs in the browser: the package, and values as a test can compare them. Bundled by `part-requests.ts`. */

import { Eddyline, type OpenOptions } from "../../pkg/src/entry/browser.ts";

/** Opens a keyspace. */
export function open(address: string, options: OpenOptions = {}): Promise<Eddyline> {
  return Eddyline.open(address, options);
}

/** What became of a call: its value, or the text of its error. */
export function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.then(plain, (error: Error) => `${error.name}: ${error.message}`);
}

/** Bytes leave a page as numbers. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  return Array.isArray(value) ? value.map(plain) : value;
}
