/** The words behind `eddyline` on a command line. */

import { parseArgs } from "node:util";
import type { TokenOptions } from "../http/tokens.ts";
import type { Appendfsync } from "../storage/storage.ts";
import type { ExportRequest, ImportRequest } from "../transfer/files.ts";
import type { TransferRequest } from "../transfer/redis.ts";
import type { ServerOptions } from "./options.ts";

/** What a command line asks for. */
export type Request =
  | { readonly kind: "help" | "version" }
  | { readonly kind: "serve"; readonly options: ServerOptions; readonly logsJson: boolean }
  | { readonly kind: "check"; readonly dir: string; readonly repair: boolean }
  | { readonly kind: "export"; readonly request: ExportRequest }
  | { readonly kind: "import"; readonly request: ImportRequest }
  | { readonly kind: "transfer"; readonly request: TransferRequest }
  | { readonly kind: "token"; readonly secret: string; readonly options: TokenOptions };

/** A command line that says nothing known; its message is one line. */
export class UsageError extends Error {}

export const HELP = `usage: eddyline serve [options]
       eddyline check FOLDER [--repair]
       eddyline export FOLDER [KEY ...] [--output FILE]
       eddyline import FOLDER [FILE] [--replace]
       eddyline pull|push redis://HOST:PORT[/DB] KEY ...|--all --dir FOLDER [--replace]
       eddyline token [options]

serve: a server for Redis Streams. Any Redis client can talk to it, in RESP2 and RESP3.

  --host ADDRESS       where to listen (127.0.0.1); others than this machine need --requirepass
  --port PORT          the port (6379); 0 takes a free one
  --http PORT          answer HTTP as well: Upstash's REST, Server-Sent Events, WebSockets. The secret
                       that requests bear is in EDDYLINE_TOKEN; one that may only read, if there is
                       one, in EDDYLINE_READ_ONLY_TOKEN
  --unixsocket PATH    listen on a Unix socket as well
  --requirepass TEXT   the password that clients give with AUTH; better in EDDYLINE_REQUIREPASS,
                       which no list of processes shows
  --dir FOLDER         keep the streams in this folder; without it they end with the server
  --appendfsync WHEN   when the disk has what was answered: always before it, everysec within a
                       second, no when the system sees fit (always)
  --log-format FORMAT  text, or json: an object in a line (text)
  --maxclients N       connections at once (10000)
  --maxmemory BYTES    refuse writing commands beyond so much data, as in 100mb; 0 is no bound (0)

SIGTERM and SIGINT end it once everything acknowledged is kept; a second one at once.

check: reads everything in a folder that no server has open, and says what is wrong; the exit code
is 0 when nothing is.

  --repair             keep all that can be read, in a new file, and say what is lost

export: writes keys of a folder that no server has open, all of all databases if none is named, to
the standard output. They are as of one moment, with groups, pending entries and expiry.

  --output FILE        write to this file
  --db N               the database of the keys that are named (0)

import: reads such a file, from the standard input if none is named. All of its keys appear at once,
or none if the file is damaged or cut, or a key is there already.

  --replace            keys that are there already are replaced

pull, push: copy streams with their groups and pending entries from a Redis server, or to it. The
address may carry a user and a password, and is rediss:// for TLS. A second run goes on where one was
interrupted, and passes over what is there.

  --dir FOLDER         the folder, which no server has open, or redis://… of a running Eddyline
  --all                every stream of the database
  --replace            keys that are there already are replaced

token: prints a token for HTTP that allows less than the secret in EDDYLINE_TOKEN, which signs it.

  --read-only          only what changes nothing
  --prefix TEXT        only keys and channels that begin so; may be said several times
  --commands LIST      only these commands and categories: xadd,xreadgroup,xack,@read
  --expires TIME       no longer than this from now on: 90s, 30m, 12h, 7d

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
  http: { type: "string" },
  "log-format": { type: "string" },
  repair: { type: "boolean" },
  replace: { type: "boolean" },
  output: { type: "string" },
  db: { type: "string" },
  all: { type: "boolean" },
  "read-only": { type: "boolean" },
  prefix: { type: "string", multiple: true },
  commands: { type: "string" },
  expires: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** Which of them are whose; those that are not named here are of serve. */
const OPTIONS_OF: Readonly<Record<string, readonly string[]>> = {
  check: ["repair"],
  export: ["output", "db"],
  import: ["replace"],
  pull: ["dir", "all", "replace"],
  push: ["dir", "all", "replace"],
  token: ["read-only", "prefix", "commands", "expires"],
};

const MAX_PORT = 65_535;
const MAX_DATABASE = 15;
const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

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
  if (command === undefined) {
    const commands = ["serve", ...Object.keys(OPTIONS_OF)].map((name) => `eddyline ${name}`);
    throw new UsageError(`what shall be done? There are: ${commands.join(", ")}`);
  }
  refuseForeign(command, values);
  if (command === "check") return checkRequest(rest, values.repair === true);
  if (command === "export") return exportRequest(rest, values);
  if (command === "import") return importRequest(rest, values.replace === true);
  if (command === "pull" || command === "push") return transferRequest(command, rest, values);
  if (rest.length > 0 || (command !== "serve" && command !== "token"))
    throw new UsageError(`unknown command "${[command, ...rest].join(" ")}"`);
  if (command === "token") return tokenRequest(values, env);
  return serveRequest(values, env);
}

function refuseForeign(command: string, values: Values): void {
  const isOurs = command === "serve" || command in OPTIONS_OF;
  const others = new Set(Object.values(OPTIONS_OF).flat());
  const own = OPTIONS_OF[command];
  for (const name of Object.keys(values)) {
    const isOwn = own?.includes(name) ?? (name === "dir" || !others.has(name));
    if (isOurs && !isOwn) throw new UsageError(`${command} has no --${name}`);
  }
}

type Values = ReturnType<typeof parse>["values"];

function serveRequest(values: Values, env: NodeJS.ProcessEnv): Request {
  const password = values.requirepass ?? env.EDDYLINE_REQUIREPASS;
  const { host, port, unixsocket, dir, appendfsync, maxclients, maxmemory } = values;
  const options: ServerOptions = {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: wholeNumber("port", port, 0, MAX_PORT) }),
    ...(values.http !== undefined && {
      http: {
        port: wholeNumber("http", values.http, 0, MAX_PORT),
        token: env.EDDYLINE_TOKEN,
        readOnlyToken: env.EDDYLINE_READ_ONLY_TOKEN,
      },
    }),
    ...(unixsocket !== undefined && { unixSocket: unixsocket }),
    ...(password !== undefined && { requirepass: password }),
    ...(dir !== undefined && { dir }),
    ...(appendfsync !== undefined && { appendfsync: policy(appendfsync) }),
    ...(maxclients !== undefined && {
      maxclients: wholeNumber("maxclients", maxclients, 1, Number.MAX_SAFE_INTEGER),
    }),
    ...(maxmemory !== undefined && { maxmemory }),
  };
  return { kind: "serve", options, logsJson: logsJson(values["log-format"]) };
}

function logsJson(format: string | undefined): boolean {
  if (format === undefined || format === "text" || format === "json") return format === "json";
  throw new UsageError(`--log-format takes text or json, not "${format}"`);
}

function checkRequest(folders: readonly string[], repair: boolean): Request {
  const [dir] = folders;
  if (dir === undefined || folders.length > 1)
    throw new UsageError("check takes one folder: eddyline check FOLDER");
  return { kind: "check", dir, repair };
}

function exportRequest([dir, ...keys]: readonly string[], { db, output }: Values): Request {
  if (dir === undefined)
    throw new UsageError("export takes a folder, and keys: eddyline export FOLDER [KEY ...]");
  const database = wholeNumber("db", db ?? "0", 0, MAX_DATABASE);
  return { kind: "export", request: { dir, keys, database, output } };
}

function importRequest([dir, file, ...more]: readonly string[], replace: boolean): Request {
  if (dir === undefined || more.length > 0)
    throw new UsageError("import takes a folder, and a file: eddyline import FOLDER [FILE]");
  return { kind: "import", request: { dir, file, replace } };
}

function transferRequest(
  direction: "pull" | "push",
  [server, ...keys]: readonly string[],
  { dir, all, replace }: Values,
): Request {
  if (server === undefined || !/^rediss?:\/\//.test(server))
    throw new UsageError(`${direction} takes the address of a server, as redis://127.0.0.1:6379`);
  if (dir === undefined) throw new UsageError(`${direction} needs --dir FOLDER`);
  if ((keys.length === 0) !== (all === true))
    throw new UsageError(`${direction} takes the names of streams, or --all`);
  const request = { direction, server, here: dir, keys, replace: replace === true };
  return { kind: "transfer", request };
}

function tokenRequest(values: Values, env: NodeJS.ProcessEnv): Request {
  const secret = env.EDDYLINE_TOKEN;
  if (!secret)
    throw new UsageError("a token is signed with the secret in EDDYLINE_TOKEN, which is not set");
  const { prefix, commands, expires } = values;
  const options: TokenOptions = {
    readOnly: values["read-only"],
    prefixes: prefix,
    commands: commands?.split(","),
    expiresAtMs: expires === undefined ? undefined : Date.now() + durationMs(expires),
  };
  return { kind: "token", secret, options };
}

function durationMs(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new UsageError(`--expires takes a time such as 90s, 30m, 12h or 7d, not "${text}"`);
  return Number(count) * (UNITS_MS[unit] as number);
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
