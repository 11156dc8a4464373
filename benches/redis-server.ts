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

/**
 * Starts the redis-server in PATH; `undefined` when there is none. With `appendfsync` it keeps an
 * append-only file by that policy, without it nothing.
 */
export async function startRedisServer(appendfsync?: string): Promise<RedisServer | undefined> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "eddyline-bench-"));
  const args = ["--port", port, "--bind", "127.0.0.1", "--save", ""];
  const keeping = appendfsync === undefined ? "no" : "yes";
  args.push("--appendonly", keeping, "--appendfsync", appendfsync ?? "no");
  const server = spawn("redis-server", [...args.map(String), "--dir", dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const started = await Promise.race([once(server, "spawn").catch(() => undefined)]);
  if (started === undefined) return undefined;
  const stop = async (): Promise<void> => {
    const ended = once(server, "exit");
    server.kill();
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const version = await versionFrom(server);
  await reachable(port);
  return { port, version, pid: server.pid, stop };
}

/** The version that the server prints as it starts. */
async function versionFrom(server: ChildProcess): Promise<string> {
  for await (const text of server.stdout ?? []) {
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
      await sleep(20);
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
