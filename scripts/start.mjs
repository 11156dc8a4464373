// `npm start`: builds what changed and runs the Worker in workerd on this machine, by wrangler's
// local mode: no account, no network. Its state and its token are kept in `.eddyline/`.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "./build.mjs";
import { inRoot } from "./root.mjs";
import { StepFailed, signalGroup } from "./step.mjs";
import { installToolchain } from "./toolchain.mjs";

const HOST = "127.0.0.1";
const PORT = 8787;
/** How long the Worker may take to answer for the first time. */
const START_MS = 60_000;
/** How long wrangler may take to end before it is killed. */
const STOP_MS = 5000;
/** How often the address is tried while the Worker starts. */
const TRY_MS = 100;

/** Set in the Worker's local environment, in the syntax of an env file. */
const SECRETS = ".eddyline/secrets.env";
const TOKEN_LINE = /^EDDYLINE_TOKEN=(\S+)$/m;

/** @param {string[]} args `--port N`, or none */
export async function run(args) {
  const port = args[0] === "--port" ? Number(args[1]) : PORT;
  await insistOnFreePort(port);
  await installToolchain();
  await build(["worker", "page"]);
  const token = keptToken();
  const worker = startWorker(port);
  await worker.ready;
  console.log(`Eddyline: http://${HOST}:${port}/`);
  console.log(`token:    ${token}`);
  console.log(`page:     http://${HOST}:${port}/#token=${token}`);
  console.log("Ctrl-C stops it; what its streams hold is kept in .eddyline/");
  return await worker.ended;
}

/** The token of this clone, made once. */
function keptToken() {
  const path = inRoot(SECRETS);
  const kept = existsSync(path) ? TOKEN_LINE.exec(readFileSync(path, "utf8"))?.[1] : undefined;
  if (kept) return kept;
  const token = randomBytes(24).toString("base64url");
  mkdirSync(inRoot(".eddyline"), { recursive: true });
  writeFileSync(path, `EDDYLINE_TOKEN=${token}\n`, { mode: 0o600 });
  return token;
}

/** @param {number} port */
function startWorker(port) {
  const child = spawn("wrangler", wranglerArgs(port), {
    cwd: inRoot(),
    // A process group of its own, so that workerd and esbuild end with wrangler.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
  });
  const log = new Log();
  child.stdout.setEncoding("utf8").on("data", (chunk) => log.add(chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => log.add(chunk));

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    signalGroup(child.pid, "SIGTERM");
    await sleep(STOP_MS, undefined, { ref: false });
    signalGroup(child.pid, "SIGKILL");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

  const exited = new Promise((resolve) => {
    child.on("exit", resolve);
    child.on("error", resolve);
  });
  const ended = exited.then(() => {
    signalGroup(child.pid, "SIGKILL");
    if (stopping) return 0;
    throw failed("the Worker has ended by itself", log);
  });
  const ready = Promise.race([answers(port, log).finally(() => log.show()), ended]).catch(
    (error) => {
      stop();
      throw error;
    },
  );
  return { ready, ended };
}

/**
 * @param {number} port
 * @returns {string[]}
 */
function wranglerArgs(port) {
  return [
    ...["dev", "--local", "--ip", HOST, "--port", String(port), "--inspector-port", "0"],
    ...["--persist-to", inRoot(".eddyline/state"), "--env-file", inRoot(SECRETS)],
    ...["--log-level", "warn", "--show-interactive-dev-session=false"],
  ];
}

/**
 * Resolves when the Worker answers whatever it answers.
 * @param {number} port
 * @param {Log} log
 */
async function answers(port, log) {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    try {
      await fetch(`http://${HOST}:${port}/`, { signal: AbortSignal.timeout(START_MS) });
      return;
    } catch {
      await sleep(TRY_MS);
    }
  }
  throw failed(`the Worker does not answer within ${START_MS / 1000} s`, log);
}

/** @param {number} port */
async function insistOnFreePort(port) {
  const server = createServer();
  /** @type {Error | undefined} */
  const error = await new Promise((resolve) => {
    server.on("error", resolve).listen(port, HOST, () => server.close(() => resolve(undefined)));
  });
  if (!error) return;
  throw new StepFailed(
    [
      `\nFAILED: listen on ${HOST}:${port}`,
      `  why: ${error.message}`,
      "  what to do: stop what uses the port, or choose another: npm start -- --port 8788",
    ].join("\n"),
  );
}

/**
 * @param {string} why
 * @param {Log} log
 */
function failed(why, log) {
  return new StepFailed(
    [
      "\nFAILED: run the Worker",
      "  command: wrangler dev --local",
      `  why: ${why}; what it said:`,
      log.text(),
      "  what to do: mend what it names, then run npm start again",
    ].join("\n"),
  );
}

/** What wrangler says: kept while the Worker starts, shown as it comes after that. */
class Log {
  /** @type {string[]} */
  #kept = [];
  #shown = false;

  /** @param {string} chunk */
  add(chunk) {
    if (this.#shown) process.stderr.write(chunk);
    else this.#kept.push(chunk);
  }

  show() {
    this.#shown = true;
    process.stderr.write(this.text());
  }

  text() {
    return this.#kept.join("");
  }
}
