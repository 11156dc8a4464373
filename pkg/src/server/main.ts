/** The program `eddyline`: its arguments, its output, its signals, its exit code. */

import { readFileSync } from "node:fs";
import process from "node:process";
import { EddylineError } from "../errors.ts";
import type { ExportRequest, ImportRequest } from "../transfer/files.ts";
import type { TransferRequest } from "../transfer/redis.ts";
import { HELP, readArguments, UsageError } from "./arguments.ts";
import { createServer, createToken, type ServerOptions } from "./index.ts";

/** Exit codes: it failed, and it was called wrongly. */
const FAILED = 1;
const MISUSED = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const request = readArguments(process.argv.slice(2), process.env);
    switch (request.kind) {
      case "help":
        process.stdout.write(HELP);
        return 0;
      case "version":
        process.stdout.write(`eddyline ${version()}\n`);
        return 0;
      case "serve":
        return await serve(request.options, request.logsJson ? logJson : logText);
      case "check":
        return await check(request.dir, request.repair);
      case "export":
        return await exportKeys(request.request);
      case "import":
        return await importKeys(request.request);
      case "transfer":
        return await transferStreams(request.request);
      case "token":
        process.stdout.write(`${await createToken(request.secret, request.options)}\n`);
        return 0;
    }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EddylineError || isOfSystem(error)))
      throw error;
    const isUsage = error instanceof UsageError;
    const hint = isUsage ? " (eddyline --help says what there is)" : "";
    process.stderr.write(`eddyline: ${error.message}${hint}\n`);
    return isUsage ? MISUSED : FAILED;
  }
}

/** A file that is not there, a pipe that nobody reads: the system's own words say it. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

/** Looks at a folder. */
async function check(dir: string, repair: boolean): Promise<number> {
  const { checkFolder } = await import("../check/check.ts");
  const { keys, entries, batches, problems, repairs } = await checkFolder(dir, {
    repair,
    onProgress: showProgress,
  });
  showProgress("");
  for (const line of [...repairs.map((text) => `repaired: ${text}`), ...problems])
    process.stdout.write(`${line}\n`);
  const held = `${keys} keys, ${entries} entries, ${batches} journal batches`;
  process.stdout.write(`${dir}: ${held}: ${problems.length === 0 ? "sound" : "damaged"}\n`);
  return problems.length === 0 ? 0 : FAILED;
}

async function exportKeys(request: ExportRequest): Promise<number> {
  if (request.output === undefined && process.stdout.isTTY)
    throw new UsageError("an export is no text for a terminal: say --output FILE, or redirect it");
  const { exportFolder, interruption } = await import("../transfer/files.ts");
  await exportFolder(request, interruption());
  return 0;
}

async function importKeys(request: ImportRequest): Promise<number> {
  const { importFolder, interruption } = await import("../transfer/files.ts");
  const keys = await importFolder(request, interruption());
  if (process.stderr.isTTY) process.stderr.write(`${keys} keys imported\n`);
  return 0;
}

async function transferStreams(request: TransferRequest): Promise<number> {
  const [{ transfer }, { interruption }] = await Promise.all([
    import("../transfer/redis.ts"),
    import("../transfer/interruption.ts"),
  ]);
  const outcome = await transfer(request, interruption());
  if (process.stderr.isTTY) process.stderr.write(`${outcome}\n`);
  return 0;
}

/** Shows a person what goes on; a pipe sees nothing of it. */
function showProgress(text: string): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[2K${text.slice(0, process.stderr.columns - 1)}`);
}

/** Runs a server to its end. */
async function serve(options: ServerOptions, log: Log): Promise<number> {
  // Who read the log may go, and that must not end the server.
  process.stdout.on("error", () => {});
  const server = createServer({ ...options, log });
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

type Log = NonNullable<ServerOptions["log"]>;

function logText(event: string, details?: object): void {
  const more = details === undefined ? "" : `: ${JSON.stringify(details)}`;
  process.stdout.write(`${new Date().toISOString()} ${event}${more}\n`);
}

function logJson(event: string, details?: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date(), event, ...details })}\n`);
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}
