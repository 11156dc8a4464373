/** `eddyline pull` and `eddyline push`: streams from a Redis server, and to one. */

import type { Copied } from "../transfer/copy.ts";
import { size } from "../transfer/progress.ts";
import { type Command, command, UsageError } from "./command.ts";
import { tellPerson, writeJson } from "./output.ts";

/** The command `pull`. */
export const pull = transferCommand(
  "pull",
  "copies streams with groups and pending entries from a Redis server",
);

/** The command `push`. */
export const push = transferCommand("push", "copies them to a Redis server");

function transferCommand(direction: "pull" | "push", summary: string): Command {
  return command({
    name: direction,
    usage: "redis://HOST:PORT[/DB] KEY ...|--all --dir FOLDER [--replace] [--json]",
    summary,
    help: `
The address may carry a user and a password, and is rediss:// for TLS. A second run goes on where one
was interrupted, and passes over what is there.

  --dir FOLDER         the folder, which no server has open, or redis://… of a running Eddyline
  --all                every stream of the database
  --replace            keys that are there already are replaced
  --json               one object: copied, skipped, paged (keys), entries (that went in pages),
                       bytes (of those that went whole)

A stream goes whole, by DUMP and RESTORE, if it has 32 MiB at most and neither side refuses them; else
in pages, by commands. Those cannot set when consumers were last seen and active, nor the idempotent
IDs of producers: these are not copied then.
`,
    options: {
      dir: { type: "string" },
      all: { type: "boolean" },
      replace: { type: "boolean" },
      json: { type: "boolean" },
    },
    prepare: ({ values: { dir, all, replace, json }, words: [server, ...keys] }) => {
      if (server === undefined || !/^rediss?:\/\//.test(server))
        throw new UsageError(
          `${direction} takes the address of a server, as redis://127.0.0.1:6379`,
        );
      if (dir === undefined) throw new UsageError(`${direction} needs --dir FOLDER`);
      if ((keys.length === 0) !== (all === true))
        throw new UsageError(`${direction} takes the names of streams, or --all`);
      const request = { direction, server, here: dir, keys, replace: replace === true };
      return async () => {
        const [{ transfer }, { interruption }] = await Promise.all([
          import("../transfer/redis.ts"),
          import("../transfer/interruption.ts"),
        ]);
        const copied = await transfer(request, interruption());
        if (json) writeJson(copied);
        else tellPerson(outcome(copied));
        return 0;
      };
    },
  });
}

/** What it came to, for a person. */
function outcome({ copied, skipped, entries, bytes, paged }: Copied): string {
  const passed = skipped > 0 ? `; ${skipped} were there already` : "";
  const done = `${copied} streams copied (${entries} entries in pages, ${size(bytes)} in dumps)${passed}`;
  if (paged === 0) return done;
  return `${done}\n${paged} went in pages: without when consumers were last seen, and without idempotent IDs`;
}
