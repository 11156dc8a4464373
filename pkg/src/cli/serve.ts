/** `eddyline serve`: a server in this process, until a signal ends it. */

import process from "node:process";
import type { ServerOptions } from "../server/options.ts";
import type { Appendfsync } from "../storage/storage.ts";
import { command, FAILED, MAX_PORT, UsageError, wholeNumber } from "./command.ts";

/** The command. */
export const serve = command({
  name: "serve",
  usage: "[options]",
  summary: "a server for Redis Streams, for any Redis client in RESP2 and RESP3",
  help: `
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

SIGTERM and SIGINT end it once everything acknowledged is kept; a second one at once. The exit code is
0 then, and 1 when it could not listen or not go on.
`,
  options: {
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
  },
  prepare: ({ values, words, env }) => {
    if (words.length > 0) throw new UsageError(`serve takes no "${words.join(" ")}"`);
    const options = readOptions(values, env);
    const log = logFor(values["log-format"]);
    return () => runServer({ ...options, log }, log);
  },
});

type Values = Partial<
  Record<
    | "host"
    | "port"
    | "unixsocket"
    | "requirepass"
    | "dir"
    | "appendfsync"
    | "maxclients"
    | "maxmemory"
    | "http",
    string
  >
>;

function readOptions(values: Values, env: NodeJS.ProcessEnv): ServerOptions {
  const password = values.requirepass ?? env.EDDYLINE_REQUIREPASS;
  const { host, port, unixsocket, dir, appendfsync, maxclients, maxmemory, http } = values;
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: wholeNumber("port", port, 0, MAX_PORT) }),
    ...(http !== undefined && {
      http: {
        port: wholeNumber("http", http, 0, MAX_PORT),
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
}

function policy(text: string): Appendfsync {
  if (text === "always" || text === "everysec" || text === "no") return text;
  throw new UsageError(`--appendfsync takes always, everysec or no, not "${text}"`);
}

type Log = NonNullable<ServerOptions["log"]>;

function logFor(format: string | undefined): Log {
  if (format === undefined || format === "text") return logText;
  if (format === "json") return logJson;
  throw new UsageError(`--log-format takes text or json, not "${format}"`);
}

/** Runs a server to its end. */
async function runServer(options: ServerOptions, log: Log): Promise<number> {
  // Who read the log may go, and that must not end the server.
  process.stdout.on("error", () => {});
  const { createServer } = await import("../server/index.ts");
  const server = createServer(options);
  // Signals are awaited before the first line tells anybody that they may come.
  const started = server.listen();
  let isEnding = false;
  const end = (signal: NodeJS.Signals): void => {
    if (isEnding) process.exit(FAILED);
    isEnding = true;
    log(`${signal}: ending`);
    void started.then(
      () => server.close(),
      () => {},
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  await started;
  const failure = await server.ended;
  log("ended");
  return failure === undefined ? 0 : FAILED;
}

function logText(event: string, details?: object): void {
  const more = details === undefined ? "" : `: ${JSON.stringify(details)}`;
  process.stdout.write(`${new Date().toISOString()} ${event}${more}\n`);
}

function logJson(event: string, details?: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date(), event, ...details })}\n`);
}
