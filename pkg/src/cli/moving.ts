/** `eddyline export` and `eddyline import`: keys of a folder, to a file and from one. */

import process from "node:process";
import { command, MAX_DATABASE, UsageError, wholeNumber } from "./command.ts";
import { tellPerson, writeJson } from "./output.ts";

/** The command `export`. */
export const exportCommand = command({
  name: "export",
  usage: "FOLDER [KEY ...] [--output FILE] [--db N] [--json]",
  summary: "writes keys of a folder that no server has open, as of one moment",
  help: `
All keys of all databases if none is named, with groups, pending entries and expiry, to the standard
output.

  --output FILE        write to this file
  --db N               the database of the keys that are named (0)
  --json               with --output: one object: output, bytes
`,
  options: { output: { type: "string" }, db: { type: "string" }, json: { type: "boolean" } },
  prepare: ({ values: { db, output, json }, words: [dir, ...keys] }) => {
    if (dir === undefined)
      throw new UsageError("export takes a folder, and keys: eddyline export FOLDER [KEY ...]");
    if (json && output === undefined)
      throw new UsageError("the export itself goes to the standard output: --json needs --output");
    if (output === undefined && process.stdout.isTTY)
      throw new UsageError(
        "an export is no text for a terminal: say --output FILE, or redirect it",
      );
    const database = wholeNumber("db", db ?? "0", 0, MAX_DATABASE);
    return async () => {
      const { exportFolder, interruption } = await import("../transfer/files.ts");
      const bytes = await exportFolder({ dir, keys, database, output }, interruption());
      if (json) writeJson({ output, bytes });
      return 0;
    };
  },
});

/** The command `import`. */
export const importCommand = command({
  name: "import",
  usage: "FOLDER [FILE] [--replace] [--json]",
  summary: "reads such a file; all of its keys appear at once, or none",
  help: `
None if the file is damaged or cut, or a key is there already. Without a FILE from the standard input.

  --replace            keys that are there already are replaced
  --json               one object: keys, how many were imported
`,
  options: { replace: { type: "boolean" }, json: { type: "boolean" } },
  prepare: ({ values: { replace = false, json }, words: [dir, file, ...more] }) => {
    if (dir === undefined || more.length > 0)
      throw new UsageError("import takes a folder, and a file: eddyline import FOLDER [FILE]");
    return async () => {
      const { importFolder, interruption } = await import("../transfer/files.ts");
      const keys = await importFolder({ dir, file, replace }, interruption());
      if (json) writeJson({ keys });
      else tellPerson(`${keys} keys imported`);
      return 0;
    };
  },
});
