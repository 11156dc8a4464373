/** The Worker with the page's files, as `npm start` runs it, on an empty storage. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../free-port.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_MS = 60_000;
const TRY_MS = 50;
const ANSWER_MS = 2000;

/** A Worker that runs. */
export interface RunningWorker extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly token: string;
}

/**
 * Starts a Worker by wrangler; by default ours, whose assets binding serves `www/dist` with its
 * headers.
 */
export async function startWrangler(project = ROOT): Promise<RunningWorker> {
  const folder = await mkdtemp(join(tmpdir(), "eddyline-page-"));
  const token = "a-token-for-tests";
  await writeFile(join(folder, "secrets.env"), `EDDYLINE_TOKEN=${token}\n`);
  const port = await freePort();
  const child = spawn(join(ROOT, "node_modules/.bin/wrangler"), wranglerArgs(folder, port), {
    cwd: project,
    // A process group of its own, so that workerd and esbuild end with wrangler.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
  });
  const dispose = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await untilAnswered(child, origin);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { origin, token, [Symbol.asyncDispose]: dispose };
}

function wranglerArgs(folder: string, port: number): string[] {
  return [
    ...["dev", "--local", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"],
    ...["--persist-to", join(folder, "state"), "--env-file", join(folder, "secrets.env")],
    ...["--log-level", "warn", "--show-interactive-dev-session=false"],
  ];
}

async function untilAnswered(child: ChildProcess, origin: string): Promise<void> {
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    try {
      // A connection made too early may never be answered.
      await fetch(origin, { signal: AbortSignal.timeout(ANSWER_MS) });
      return;
    } catch {
      await sleep(TRY_MS);
    }
  }
  throw new Error(`the Worker did not start:\n${log}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  // Nothing in a test's storage is worth an orderly end.
  process.kill(-child.pid, "SIGKILL");
  await exit;
}
