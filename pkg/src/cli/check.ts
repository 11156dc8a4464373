/** `eddyline check`: whether everything in a folder can be read. */

import process from "node:process";
import { Progress } from "../transfer/progress.ts";
import { command, FAILED, UsageError } from "./command.ts";
import { writeJson } from "./output.ts";

/** The command. */
export const check = command({
  name: "check",
  usage: "FOLDER [--repair] [--json]",
  summary: "reads everything in a folder that no server has open, and says what is wrong",
  help: `
  --repair             keep all that can be read, in a new file, and say what is lost
  --json               one object: dir, sound, keys, entries, batches, problems, repairs

The exit code is 0 when nothing is wrong, or was when a repair had ended, and 1 otherwise.
`,
  options: { repair: { type: "boolean" }, json: { type: "boolean" } },
  prepare: ({ values, words }) => {
    const [dir] = words;
    if (dir === undefined || words.length > 1)
      throw new UsageError("check takes one folder: eddyline check FOLDER");
    return () => look(dir, values.repair === true, values.json === true);
  },
});

async function look(dir: string, repair: boolean, json: boolean): Promise<number> {
  const { checkFolder } = await import("../check/check.ts");
  const progress = new Progress();
  const onProgress = (what: string) => progress.show(() => what);
  const report = await checkFolder(dir, { repair, onProgress }).finally(() => progress.clear());
  const { keys, entries, batches, problems, repairs } = report;
  const isSound = problems.length === 0;
  if (json) {
    writeJson({ dir, sound: isSound, keys, entries, batches, problems, repairs });
    return isSound ? 0 : FAILED;
  }
  for (const line of [...repairs.map((text) => `repaired: ${text}`), ...problems])
    process.stdout.write(`${line}\n`);
  const held = `${keys} keys, ${entries} entries, ${batches} journal batches`;
  process.stdout.write(`${dir}: ${held}: ${isSound ? "sound" : "damaged"}\n`);
  return isSound ? 0 : FAILED;
}
