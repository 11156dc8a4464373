/** The words behind `eddyline` on a command line. */

import { parseArgs } from "node:util";
import type { Appendfsync } from "../storage/storage.ts";
import type { ServerOptions } from "./options.ts";

/** What a command line asks for. */
export type Request =
  | { readonly kind: "help" | "version" }
  | { readonly kind: "serve"; readonly options: ServerOptions }
  | { readonly kind: "check"; readonly dir: string; readonly repair: boolean };

/** A command line that says nothing known; its message is one line. */
export class UsageError extends Error {}

export const HELP = `usage: eddyline serve [options]
       eddyline check FOLDER [--repair]

serve: a server for Redis Streams. Any Redis client can talk to it, in RESP2 and RESP3.

  --host ADDRESS       where to listen (127.0.0.1); others than this machine need --requirepass
  --port PORT          the port (6379); 0 takes a free one
  --unixsocket PATH    listen on a Unix socket as well
  --requirepass TEXT   the password that clients give with AUTH; better in EDDYLINE_REQUIREPASS,
                       which no list of processes shows
  --dir FOLDER         keep the streams in this folder; without it they end with the server
  --appendfsync WHEN   when the disk has what was answered: always before it, everysec within a
                       second, no when the system sees fit (always)
  --maxclients N       connections at once (10000)
  --maxmemory BYTES    refuse writing commands beyond so much data, as in 100mb; 0 is no bound (0)

SIGTERM and SIGINT end it once everything acknowledged is kept; a second one at once.

check: reads everything in a folder that no server has open, and says what is wrong; the exit code
is 0 when nothing is.

  --repair             keep all that can be read, in a new file, and say what is lost

--help and --version say this, and which version it is.
`;

const OPTIONS = {
  host: { type: "string" },
  port: { type: "string" },
  unixsocket: { type: "string" },
  requirepass: { type: "string" },
  dir: { type: "string" },
  appendfsync: { type: "string" },
  maxclients: { type: "string" },
  maxmemory: { type: "string" },
  repair: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

const MAX_PORT = 65_535;

/**
 * Reads a command line.
 *
 * @throws UsageError when it is none of ours
 */
export function readArguments(words: readonly string[], env: NodeJS.ProcessEnv): Request {
  const { values, positionals } = parse(words);
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  const [command, ...rest] = positionals;
  if (command === undefined)
    throw new UsageError("what shall be done? There are: eddyline serve, eddyline check");
  if (command === "check") return checkRequest(rest, values);
  if (command !== "serve" || rest.length > 0)
    throw new UsageError(`unknown command "${[command, ...rest].join(" ")}"`);
  if (values.repair) throw new UsageError("serve has no --repair");
  const password = values.requirepass ?? env.EDDYLINE_REQUIREPASS;
  const { host, port, unixsocket, dir, appendfsync, maxclients, maxmemory } = values;
  const options: ServerOptions = {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: wholeNumber("port", port, 0, MAX_PORT) }),
    ...(unixsocket !== undefined && { unixSocket: unixsocket }),
    ...(password !== undefined && { requirepass: password }),
    ...(dir !== undefined && { dir }),
    ...(appendfsync !== undefined && { appendfsync: policy(appendfsync) }),
    ...(maxclients !== undefined && {
      maxclients: wholeNumber("maxclients", maxclients, 1, Number.MAX_SAFE_INTEGER),
    }),
    ...(maxmemory !== undefined && { maxmemory }),
  };
  return { kind: "serve", options };
}

function checkRequest(
  folders: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Request {
  const [dir] = folders;
  if (dir === undefined || folders.length > 1)
    throw new UsageError("check takes one folder: eddyline check FOLDER");
  const { repair, ...others } = values;
  const [foreign] = Object.keys(others);
  if (foreign !== undefined) throw new UsageError(`check has no --${foreign}`);
  return { kind: "check", dir, repair: repair === true };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // Node's text goes on with advice that concerns other programs.
    const [first = ""] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(first);
  }
}

function policy(text: string): Appendfsync {
  if (text === "always" || text === "everysec" || text === "no") return text;
  throw new UsageError(`--appendfsync takes always, everysec or no, not "${text}"`);
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`);
}
