/** Servers in processes of their own, for redis-benchmark to talk to. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startRedisServer } from "./redis-server.ts";

/** What the system counts processor time in. */
const TICK_MS = 10;

/** A server that runs. */
export interface Served {
  readonly name: string;
  readonly port: number;
  /** Whether it does what it is asked to do. */
  readonly isReal: boolean;
  /** Processor time it has taken so far; NaN where the system does not tell. */
  usedMs(): number;
  stop(): Promise<void>;
}

/** `eddyline serve`, as the package has it. */
export function startEddyline(): Promise<Served> {
  const program = fileURLToPath(new URL("../pkg/bin/eddyline.js", import.meta.url));
  return start("eddyline serve", true, [program, "serve", "--port", "0"]);
}

/** The server that does nothing. */
export function startNoOp(): Promise<Served> {
  const program = fileURLToPath(new URL("no-op-server.ts", import.meta.url));
  return start("no-op in Node", false, [program]);
}

/** The redis-server in PATH; `undefined` when there is none. */
export async function startRedis(): Promise<Served | undefined> {
  const server = await startRedisServer();
  if (server === undefined) return undefined;
  const { port, version, pid, stop } = server;
  const name = `redis-server ${version}`;
  return { name, port, isReal: true, usedMs: () => usedMs(pid), stop };
}

async function start(name: string, isReal: boolean, args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const port = await portFrom(child);
  return {
    name,
    port,
    isReal,
    usedMs: () => usedMs(child.pid),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

/** The port that a server prints as it starts. */
function portFrom(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += String(chunk);
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  child.on("exit", () => reject(new Error(`a server ended as it started: ${text}`)));
  return promise;
}

function usedMs(pid: number | undefined): number {
  try {
    // The name, in brackets, may hold spaces; utime and stime are the 14th and 15th field.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}
