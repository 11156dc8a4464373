/**
 * A program that processes a group's messages is killed again and again: whatever was acknowledged
 * it had finished, and in the end every message is finished.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { randomOf, seedOfRun } from "../storage/random.ts";

const PROGRAM = fileURLToPath(new URL("../storage/queue-program.ts", import.meta.url));
const LIVES = 12;
const MESSAGES_A_LIFE = 60;

test("a killed program has acknowledged what it finished, and nothing is lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "eddyline-queue-"));
  const seed = seedOfRun();
  const random = randomOf(seed);
  const finished = new Set<string>();
  const appended: string[] = [];
  for (let life = 0; life < LIVES; life++) {
    const ids = await append(folder);
    appended.push(...ids);
    const child = spawn(process.execPath, [PROGRAM, folder, String(seed + life)]);
    await watch(child, finished, 1 + random(MESSAGES_A_LIFE));
    const unfinished = (await acknowledged(folder, appended)).filter((id) => !finished.has(id));
    assert.deepEqual(unfinished, [], `acknowledged and not finished, seed ${seed}, life ${life}`);
  }
  const child = spawn(process.execPath, [PROGRAM, folder, "0"]);
  const left = appended.filter((id) => !finished.has(id));
  // Waits for ever if one is lost.
  await watch(child, finished, Number.POSITIVE_INFINITY, new Set(left));
  rmSync(folder, { recursive: true });
});

async function append(folder: string): Promise<string[]> {
  await using db = await Eddyline.open(`file:${folder}`, { appendfsync: "no" });
  return await db
    .stream<{ n: number }>("jobs")
    .append(Array.from({ length: MESSAGES_A_LIFE }, (_, n) => ({ n })));
}

/** Notes what is finished, and kills after so many lines or when all that is wanted was there. */
async function watch(
  child: ChildProcess,
  finished: Set<string>,
  lines: number,
  wanted?: Set<string>,
): Promise<void> {
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const exit = once(child, "exit");
  let left = lines;
  // Those that were on their way when it died are read, too.
  for await (const id of createInterface({ input: child.stdout! })) {
    finished.add(id);
    wanted?.delete(id);
    if (--left === 0 || wanted?.size === 0) child.kill("SIGKILL");
  }
  const [code, signal] = await exit;
  assert.deepEqual([code, signal], [null, "SIGKILL"], errors);
}

/** What no consumer will be given any more. */
async function acknowledged(folder: string, appended: readonly string[]): Promise<string[]> {
  await using db = await Eddyline.open(`file:${folder}`, { appendfsync: "no" });
  const [group] = await db.xInfoGroups("jobs");
  const rows = await db.xPendingRange("jobs", "g", "-", "+", appended.length);
  const pending = new Set(rows.map(({ id }) => id));
  const delivered = appended.indexOf(group?.["last-delivered-id"] ?? "");
  return appended.slice(0, delivered + 1).filter((id) => !pending.has(id));
}
