/** Runs in the browser: the contract of storages on IndexedDB. Bundled by `storage.test.ts`. */

import { IndexedDbStorage } from "../../pkg/src/storage/indexeddb.ts";
import { contract } from "../storage/contract.ts";

export { Eddyline } from "../../pkg/src/entry/browser.ts";

/** Runs one case of the contract, on a database of its own; returns how it went wrong, if it did. */
export async function runCase(
  at: number,
  durability: "strict" | "relaxed",
): Promise<string | null> {
  const open = (place: string) => IndexedDbStorage.open(`idb://${place}`, { durability });
  return await (contract[at]?.run({ open }, `case ${at} ${durability}`) ?? Promise.reject()).then(
    () => null,
    (error: unknown) => (error instanceof Error ? `${error.stack}` : String(error)),
  );
}
