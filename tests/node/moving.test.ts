/** `eddyline export` and `eddyline import`, and what they cost. */

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { textOf } from "../storage/text.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-moving-"));
after(() => rmSync(root, { recursive: true }));

const PROGRAM = fileURLToPath(new URL("../../pkg/bin/eddyline.js", import.meta.url));
const MOVING = fileURLToPath(new URL("../storage/moving-program.ts", import.meta.url));

function eddyline(words: readonly string[], input?: Uint8Array) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], { input });
  return { status, stdout, stderr: stderr.toString() };
}

async function known(folder: string, key: string): Promise<unknown> {
  await using db = await Eddyline.open(`file:${folder}`);
  return await db.sendCommand(["XINFO", "STREAM", key, "FULL", "COUNT", "0"]);
}

describe("eddyline export and import", () => {
  const folder = join(root, "whole");
  let folders = 0;
  const fresh = () => join(root, `${++folders}`);

  before(async () => {
    await using db = await Eddyline.open(`file:${folder}`);
    for (let n = 1; n <= 2000; n++) void db.xAdd("orders", `${n}-1`, { text: textOf(n, 200) });
    await db.xGroupCreate("orders", "g", "0");
    await db.xReadGroup("g", "c", { key: "orders", id: ">" }, { COUNT: 100 });
    await db.xAdd("other", "1-1", { a: "1" });
  });

  it("moves a folder through a pipe, and says nothing in it", async () => {
    const exported = eddyline(["export", folder]);
    assert.deepEqual([exported.status, exported.stderr], [0, ""]);
    const to = fresh();
    const imported = eddyline(["import", to], exported.stdout);
    assert.deepEqual([imported.status, imported.stderr], [0, ""]);
    assert.equal(imported.stdout.length, 0);
    assert.deepEqual(await known(to, "orders"), await known(folder, "orders"));
  });

  it("moves some keys through a file", async () => {
    const file = join(root, "other.eddyline");
    assert.equal(eddyline(["export", folder, "other", "--output", file]).status, 0);
    const to = fresh();
    assert.equal(eddyline(["import", to, file]).status, 0);
    await using db = await Eddyline.open(`file:${to}`);
    assert.deepEqual(await db.sendCommand(["KEYS", "*"]), ["other"]);
  });

  it("refuses what is there already, and replaces it where that is said", () => {
    const file = eddyline(["export", folder, "other"]).stdout;
    const to = fresh();
    assert.equal(eddyline(["import", to], file).status, 0);
    const again = eddyline(["import", to], file);
    assert.equal(again.status, 1);
    assert.match(
      again.stderr,
      /^eddyline: BUSYKEY the key 'other' of database 0 is there already\n$/,
    );
    assert.equal(eddyline(["import", to, "--replace"], file).status, 0);
  });

  it("refuses a damaged and a cut file", async () => {
    const file = eddyline(["export", folder]).stdout;
    const to = fresh();
    const cut = eddyline(["import", to], file.subarray(0, file.length - 7));
    assert.equal(cut.status, 1);
    assert.match(cut.stderr, /DAMAGED cut short at byte \d+ of the export; nothing is imported/);
    const damaged = join(root, "damaged");
    writeFileSync(damaged, file.fill(0, 5000, 5001));
    const refused = eddyline(["import", to, damaged]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /DAMAGED checksum does not match at byte \d+ of the export/);
    await using db = await Eddyline.open(`file:${to}`);
    assert.deepEqual(await db.sendCommand(["KEYS", "*"]), []);
  });

  it("says what is wrong", async () => {
    assert.match(eddyline(["export", fresh()]).stderr, /there is no eddyline.sqlite in /);
    assert.match(eddyline(["export", folder, "none"]).stderr, /ERR no such key/);
    assert.match(eddyline(["import", fresh(), join(root, "nowhere")]).stderr, /ENOENT/);
    assert.equal(eddyline(["export"]).status, 2);
    assert.equal(eddyline(["import", folder, "--output", "x"]).status, 2);
    await using _ = await Eddyline.open(`file:${folder}`);
    const inUse = eddyline(["export", folder]);
    assert.equal(inUse.status, 1);
    assert.match(inUse.stderr, /is open already, here or in another process/);
  });

  it("shows a person how far it is", { skip: !existsSync("/usr/bin/script") }, () => {
    const file = join(root, "shown.eddyline");
    const shown = (words: string) =>
      spawnSync(
        "script",
        ["-qec", `stty cols 80; ${process.execPath} ${PROGRAM} ${words}`, "/dev/null"],
        {
          env: { ...process.env, COLUMNS: "80" },
        },
      ).stdout.toString();
    assert.match(shown(`export ${folder} --output ${file}`), /exported [\d.]+ (bytes|kB|MB)/);
    const imported = shown(`import ${fresh()} ${file}`);
    assert.match(imported, /\[[#.]{20}\] imported [\d.]+ kB of [\d.]+ kB/);
    assert.match(imported, /2 keys imported/);
    assert.ok(readFileSync(file).length > 0);
    assert.match(shown(`export ${folder}`), /say --output FILE/);
  });
});

const MAX_RESIDENT_BYTES = 4 << 20;
const STREAM_BYTES = 15 * MAX_RESIDENT_BYTES;
/** What a second engine may take beyond what making the stream took. */
const LEEWAY_BYTES = 16 << 20;

it("a stream 15 times larger than its memory is moved in that memory", async (context) => {
  const folder = mkdtempSync(join(root, "large-"));
  const args = ["--expose-gc", MOVING, folder, `${STREAM_BYTES}`, `${MAX_RESIDENT_BYTES}`];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { entries, length, pending, exportedBytes, grownBytes } = JSON.parse(stdout);
  context.diagnostic(`it grew by ${(grownBytes / 2 ** 20).toFixed(0)} MiB`);
  assert.deepEqual([length, pending], [entries, entries]);
  assert.ok(exportedBytes > STREAM_BYTES * 0.95);
  assert.ok(grownBytes < MAX_RESIDENT_BYTES + LEEWAY_BYTES, `it grew by ${grownBytes} bytes`);
});
