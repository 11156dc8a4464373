/**
 * A program that is killed: it runs a history on `file:` storage, and writes to its output what it
 * sends and what was acknowledged. Arguments: folder, appendfsync, seed, first time of an ID.
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import type { Appendfsync } from "../../pkg/src/storage/storage.ts";
import { runHistory } from "./history.ts";
import { randomOf } from "./random.ts";

const [folder, appendfsync, seed, start] = process.argv.slice(2);
const db = await Eddyline.open(`file:${folder}`, {
  appendfsync: appendfsync as Appendfsync,
  // Little, so that segments come and go.
  maxResidentBytes: 60_000,
});
const account = {
  sent: (command: readonly string[]) => tell(`S${JSON.stringify(command)}`),
  acknowledged: (digest: string) => tell(`A${digest}`),
};
await runHistory(db, account, randomOf(Number(seed)), Number(start));

/** Writes a line before anything else happens. */
function tell(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.byteLength > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The pipe is full: its reader is slower for a moment.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
