/**
 * A program on `file:` storage is killed at any moment, again and again: all that was acknowledged
 * is there, in order, and nothing that was not sent. `EDDYLINE_CRASH_MS` says for how long.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import type { Command } from "../storage/history.ts";
import { type Life, Model } from "../storage/model.ts";
import { type Random, randomOf, seedOfRun } from "../storage/random.ts";

const PROGRAM = fileURLToPath(new URL("../storage/crashing-program.ts", import.meta.url));
const POLICIES = ["always", "everysec", "no"] as const;
const LONG_MS = Number(process.env.EDDYLINE_CRASH_MS ?? 40_000);
/** IDs of one life are below those of the next. */
const IDS_A_LIFE = 1_000_000;

test("a killed program has lost nothing acknowledged", async (context) => {
  const root = mkdtempSync(join(tmpdir(), "eddyline-crash-"));
  const [folder, copy] = [join(root, "streams"), join(root, "copy")];
  // The first life may be killed before it makes the folder.
  mkdirSync(folder);
  const seed = seedOfRun();
  const random = randomOf(seed);
  const model = await Model.open();
  const totals = { kills: 0, acknowledged: 0, underWay: 0, happened: 0 };
  try {
    const end = performance.now() + LONG_MS;
    for (let life = 1; performance.now() < end; life++) {
      const policy = POLICIES[random(POLICIES.length)] ?? "always";
      const account = await live(
        [folder, policy, `${seed + life}`, `${life * IDS_A_LIFE}`],
        random,
      );
      totals.kills += 1;
      totals.acknowledged += account.acknowledged.length;
      totals.underWay += account.sent.length - account.acknowledged.length;
      // A copy is looked at: the next life is to meet what the killed one left.
      rmSync(copy, { recursive: true, force: true });
      cpSync(folder, copy, { recursive: true, force: true });
      const db = await Eddyline.open(`file:${copy}`, { maxResidentBytes: 60_000, now: () => 0 });
      totals.happened += await model.follow(account, db);
      await checkNextId(db);
      await db.close();
    }
  } catch (cause) {
    throw new Error(`seed ${seed}, kill ${totals.kills}, folder ${root}`, { cause });
  }
  await model.close();
  rmSync(root, { recursive: true });
  assert.ok(totals.acknowledged > totals.kills, "it was worth it");
  context.diagnostic(JSON.stringify({ seed, ...totals }));
});

/** Lets the program live for a while; what it told. */
async function live(args: readonly string[], random: Random): Promise<Life> {
  const program = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(program, "exit");
  let output = "";
  program.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(program.stdout, "close");
  // Sometimes while it opens the folder, mostly a while after its first answer.
  if (random(12) === 0) await sleep(random(250));
  else {
    await Promise.race([once(program.stdout, "data"), exit]);
    await sleep(random(10) === 0 ? random(600) : random(120));
  }
  assert.equal(program.exitCode, null, "it runs until it is killed");
  program.kill("SIGKILL");
  await Promise.all([exit, ended]);
  const lines = output.split("\n").slice(0, -1);
  const told = (mark: string) =>
    lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1));
  return {
    sent: told("S").map((line) => JSON.parse(line) as Command),
    acknowledged: told("A"),
  };
}

/** A clock that went back makes no ID that was there before. */
async function checkNextId(db: Eddyline): Promise<void> {
  if ((await db.exists("a")) === 0) return;
  const { "last-generated-id": last } = (await db.sendCommand(["XINFO", "STREAM", "a"])) as {
    "last-generated-id": string;
  };
  const [ms, seq] = last.split("-").map(Number);
  assert.equal(await db.xAdd("a", "*", { a: "1" }), `${ms}-${Number(seq) + 1}`);
}
