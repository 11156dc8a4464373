/** `eddyline repl`: commands by hand, or from a script. */

import process from "node:process";
import { command, MAX_DATABASE, UsageError, wholeNumber } from "./command.ts";
import type { Format } from "./repl/format.ts";
import type { ReplRequest } from "./repl/run.ts";
import { addressOf } from "./wire/place.ts";

/** The command. */
export const repl = command({
  name: "repl",
  usage: "[ADDRESS] [options] [COMMAND [ARGUMENT ...]]",
  summary: "commands by hand or from a script, in redis-cli's manners",
  help: `
ADDRESS is memory:// (what happens without one), a folder, redis://[user:password@]host[:port][/db],
rediss://… or https://host of a Worker or of \`eddyline serve --http\`. With a COMMAND it is run, and
that is all; put -- before it if it is to run in memory. Otherwise commands are read from the standard
input: at a terminal with history, hints and completion of commands and keys (Tab). There Ctrl-C ends a
read that waits, and Ctrl-D or \`quit\` leaves.

  -n, --db N           the database (0)
  -2, --resp2          speak RESP2 (where a script speaks)
  -3, --resp3          speak RESP3 (at a terminal, and for JSON)
  -r, --repeat N       run the COMMAND so many times; -1 for ever
  -i, --interval S     and wait so many seconds between
  -x, --stdin          read the last argument from the standard input
  -e, --exit-code      exit with 1 when a command is answered by an error; a script ends there
      --raw            replies as they are (when the output is no terminal)
      --no-raw         replies for people (at a terminal)
      --csv            replies as CSV
      --json           replies as JSON, in RESP3: an object where there is a map
      --quoted-json    the same, with bytes that are no ASCII as \\xff

EDDYLINE_TOKEN      the token for https://…
EDDYLINE_HISTORY    the file of the history (~/.eddyline_history); /dev/null keeps none

The exit code is 0, whatever the replies were (but see -e); 1 when nobody can be reached.
`,
  ownWords: 1,
  options: {
    db: { type: "string", short: "n" },
    resp2: { type: "boolean", short: "2" },
    resp3: { type: "boolean", short: "3" },
    repeat: { type: "string", short: "r" },
    interval: { type: "string", short: "i" },
    stdin: { type: "boolean", short: "x" },
    "exit-code": { type: "boolean", short: "e" },
    raw: { type: "boolean" },
    "no-raw": { type: "boolean" },
    csv: { type: "boolean" },
    json: { type: "boolean" },
    "quoted-json": { type: "boolean" },
  },
  prepare: ({ values, words: [address], rest: words, env }) => {
    const { db, resp2, resp3, repeat, interval } = values;
    const format = formatOf(values);
    const isTerminal = process.stdin.isTTY && words.length === 0;
    const request: ReplRequest = {
      address: addressOf(address),
      token: env.EDDYLINE_TOKEN || undefined,
      database: db === undefined ? undefined : wholeNumber("db", db, 0, MAX_DATABASE),
      protocol: resp2 ? 2 : resp3 || isTerminal || format.endsWith("json") ? 3 : 2,
      words,
      times: repeat === "-1" ? Number.POSITIVE_INFINITY : times(repeat),
      intervalMs: seconds(interval) * 1000,
      lastFromInput: values.stdin === true,
      failsByReply: values["exit-code"] === true,
      format,
      history: env.EDDYLINE_HISTORY,
    };
    return async () => (await import("./repl/run.ts")).runRepl(request);
  },
});

type Choice = "raw" | "no-raw" | "csv" | "json" | "quoted-json";

function formatOf(values: Partial<Record<Choice, boolean>>): Format {
  if (values["quoted-json"]) return "quoted-json";
  if (values.json) return "json";
  if (values.csv) return "csv";
  if (values.raw) return "raw";
  return values["no-raw"] || process.stdout.isTTY ? "standard" : "raw";
}

function times(text = "1"): number {
  return wholeNumber("repeat", text, 1, Number.MAX_SAFE_INTEGER);
}

function seconds(text = "0"): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text)) return number;
  throw new UsageError(`--interval takes seconds, as 0.5, not "${text}"`);
}
