/** Runs in the browser: a history on `idb:` storage in a browser that is killed. */

import { Eddyline } from "../../pkg/src/entry/browser.ts";
import { runHistory } from "../storage/history.ts";
import { randomOf } from "../storage/random.ts";

const OPTIONS = { maxResidentBytes: 60_000 };

/** Opens the keyspace for those who only ask about it. */
export const open = (name: string) => Eddyline.open(`idb://${name}`, OPTIONS);

/** Runs until it is killed; `tell` resolves when the line has left the browser. */
export async function live(
  name: string,
  durability: "strict" | "relaxed",
  seed: number,
  start: number,
  tell: (line: string) => Promise<void>,
): Promise<never> {
  const db = await Eddyline.open(`idb://${name}`, { ...OPTIONS, durability });
  const account = {
    sent: (command: readonly string[]) => tell(`S${JSON.stringify(command)}`),
    acknowledged: (digest: string) => void tell(`A${digest}`),
  };
  return await runHistory(db, account, randomOf(seed), start);
}
