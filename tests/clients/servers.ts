/** The servers that clients talk to: real ones of two versions, each started for one test file. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../free-port.ts";

/** How long a server may take to start, and to end. */
const PATIENCE_MS = 10_000;
const POLL_MS = 20;
const EDDYLINE = fileURLToPath(new URL("../../pkg/dist/cli/main.js", import.meta.url));

/** What must not outlive the tests, whichever way they end. */
const children = new Set<ChildProcess>();
const folders: string[] = [];
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What can be started, and how it is told its port and a folder of its own. */
const COMMANDS = {
  "redis-server 7.0": (port: number) => redisServer("EDDYLINE_REDIS_SERVER", port),
  "redis-server 8.2": (port: number) => redisServer("EDDYLINE_REDIS_8_SERVER", port),
  "redis-server 8.2 with a log": (port: number, dir: string) =>
    redisServer("EDDYLINE_REDIS_8_SERVER", port, { dir, appendonly: "yes" }),
  eddyline: (port: number) => eddyline(port),
  "eddyline with a folder": (port: number, dir: string) => [...eddyline(port), "--dir", dir],
} as const;

/** No server: clients of this process that stand in for those of a server. */
export const DROP_INS = "eddyline/ioredis and eddyline/redis";

export type ServerName = keyof typeof COMMANDS | typeof DROP_INS;

/** A server that runs. */
export interface Server {
  readonly name: ServerName;
  readonly port: number;
  readonly url: string;
  /** Deletes every key. */
  flush(): Promise<void>;
  /** Waits until so many of its clients wait in a blocking command. */
  untilBlocked(count: number): Promise<void>;
  /**
   * Ends it, with SIGTERM unless it is told another: its clients lose their connections, and what
   * it held in memory is gone.
   */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it on its port, unless it runs. */
  start(): Promise<void>;
}

/** Starts a server on a free port of this machine. */
export async function startServer(name: ServerName): Promise<Server> {
  const port = await freePort();
  if (name === DROP_INS) return await inThisProcess(port);
  const folder = mkdtempSync(join(tmpdir(), "eddyline-clients-"));
  folders.push(folder);
  let running: Running | undefined;
  const server: Server = {
    name,
    port,
    url: `redis://127.0.0.1:${port}`,
    async flush() {
      const reply = await ask(port, "FLUSHALL");
      if (reply !== "+OK\r\n") throw new Error(`FLUSHALL answered ${reply}`);
    },
    untilBlocked: (count) => untilBlocked(count, () => ask(port, "INFO clients")),
    async stop(signal = "SIGTERM") {
      await running?.stop(signal);
      running = undefined;
    },
    async start() {
      running ??= await run(COMMANDS[name](port, folder), port);
    },
  };
  await server.start();
  return server;
}

/** What stands in for a server: a keyspace that clients of its port share. */
async function inThisProcess(port: number): Promise<Server> {
  const { Redis } = await import("eddyline/ioredis");
  /** By a client of its own, that CLIENT LIST does not show it. */
  const asked = async (command: string, ...words: string[]): Promise<string> => {
    const redis = new Redis(port);
    const reply = await redis.call(command, ...words);
    redis.disconnect();
    return String(reply);
  };
  const refuse = () => Promise.reject(new Error("there is no server that could be stopped"));
  return {
    name: DROP_INS,
    port,
    url: `redis://127.0.0.1:${port}`,
    async flush() {
      await asked("FLUSHALL");
    },
    untilBlocked: (count) => untilBlocked(count, () => asked("INFO", "clients")),
    // The end of the tests: the keyspace ends with the process.
    stop: (signal) => (signal === undefined ? Promise.resolve() : refuse()),
    start: () => Promise.resolve(),
  };
}

async function untilBlocked(count: number, info: () => Promise<string>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const blocked = /^blocked_clients:(\d+)/m.exec(await info())?.[1];
    if (Number(blocked) >= count) return;
    if (performance.now() > deadline) throw new Error(`${blocked} clients wait, not ${count}`);
    await sleep(POLL_MS);
  }
}

/** The reply to one inline command, over a connection of its own. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`${command} is not answered`)));
  socket.write(`${command}\r\nQUIT\r\n`);
  let said = "";
  for await (const text of socket) said += text;
  return said.replace(/\+OK\r\n$/, "");
}

interface Running {
  stop(signal: NodeJS.Signals): Promise<void>;
}

async function run([program = "", ...args]: string[], port: number): Promise<Running> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => said.push(text));
  }
  const ended = once(child, "exit");
  const start = untilItListens(child, port);
  await Promise.race([start, ended.then(() => undefined)]);
  if (child.exitCode !== null) throw new Error(`${program} ended as it started: ${said.join("")}`);
  return {
    async stop(signal) {
      child.kill(signal);
      const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      await ended;
      clearTimeout(late);
      if (signal === "SIGTERM" && child.signalCode === "SIGKILL") {
        throw new Error(`${program} does not end: ${said.join("")}`);
      }
    },
  };
}

async function untilItListens(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (child.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    } finally {
      socket.destroy();
    }
    await sleep(POLL_MS);
  }
}

function redisServer(variable: string, port: number, more: Record<string, string> = {}): string[] {
  const path = process.env[variable];
  if (path === undefined) throw new Error(`${variable} names no redis-server: npm test sets it`);
  const options = { port, bind: "127.0.0.1", save: "", appendonly: "no", ...more };
  return [path, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])];
}

function eddyline(port: number): string[] {
  return [process.execPath, EDDYLINE, "serve", "--port", `${port}`];
}
