/** A redis-server of the benchmark's own: on a free port, gone afterwards with what it kept. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS = 20_000;

/** A server that runs. */
export interface RedisServer {
  port: number;
  version: string;
  pid: number | undefined;
  stop(): Promise<void>;
}

/** Which server it is, and what it keeps. */
export interface RedisOptions {
  /** The program; by default the redis-server in PATH. */
  program?: string | undefined;
  /** Keeps an append-only file by that policy; without it nothing is kept. */
  appendfsync?: string;
  /** Where it keeps it, and what it begins with. By default a folder that goes with the server. */
  dir?: string;
  /** Other parameters, as `--aof-use-rdb-preamble no`. */
  parameters?: readonly string[];
}

/** Starts a server, and waits until it listens; `undefined` when there is no such program. */
export async function startRedisServer({
  program = "redis-server",
  appendfsync,
  dir: given,
  parameters = [],
}: RedisOptions = {}): Promise<RedisServer | undefined> {
  const port = await freePort();
  const dir = given ?? mkdtempSync(join(tmpdir(), "eddyline-bench-"));
  const args = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir];
  const keeping = appendfsync === undefined ? "no" : "yes";
  args.push("--appendonly", keeping, "--appendfsync", appendfsync ?? "no", ...parameters);
  const server = spawn(program, args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
  const started = await once(server, "spawn").catch(() => undefined);
  if (started === undefined) return undefined;
  const stop = async (): Promise<void> => {
    const ended = once(server, "exit");
    server.kill();
    await ended;
    if (given === undefined) rmSync(dir, { recursive: true, force: true });
  };
  const version = await versionFrom(server);
  await reachable(port);
  return { port, version, pid: server.pid, stop };
}

/** The version that the server prints as it starts. */
async function versionFrom(server: ChildProcess): Promise<string> {
  // A server that finds its log closed as it starts would end.
  const log = server.stdout?.iterator({ destroyOnReturn: false });
  for await (const text of log ?? []) {
    const version = /[vV]ersion[= ](\d[\d.]*)/.exec(String(text))?.[1];
    if (version === undefined) continue;
    server.stdout?.resume();
    return version;
  }
  throw new Error("redis-server ended as it started");
}

async function reachable(port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(2);
    } finally {
      socket.destroy();
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
