/**
 * Writes the golden files of a format's version: `node tests/format/write.ts VERSION`. A version
 * that is there is never written again.
 */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { CommandError } from "../../pkg/src/errors.ts";
import { LocalTransport } from "../../pkg/src/local.ts";
import type { Argument } from "../../pkg/src/resp.ts";
import { DATABASE_FILE, SqliteStorage } from "../../pkg/src/storage/sqlite.ts";
import { changes, commands, isRefused, reads, START_MS } from "./history.ts";
import { readAny, stateIn } from "./state.ts";

/** So many batches make the engine ask for a checkpoint. */
const BATCHES = 520;

/** Runs commands on a folder. */
async function run(folder: string, all: readonly (readonly Argument[])[]): Promise<void> {
  let now = START_MS;
  const transport = await LocalTransport.open(await SqliteStorage.open(`file:${folder}`), {
    now: () => now,
  });
  for (const argv of all) {
    now += 3;
    const done = transport.send(argv, readAny);
    if (isRefused(argv)) await assert.rejects(done, CommandError);
    else await done;
  }
  const ask = (...argv: Argument[]) => transport.send(argv, readAny);
  for (const [key, name] of [
    ["orders", "restored"],
    ["example", "small"],
  ] as const)
    await ask("RESTORE", name, "0", (await ask("DUMP", key)) as Uint8Array);
  await copyByExport(ask, "example");
  await transport.close();
}

/** Exports a stream and imports it under another name. */
async function copyByExport(ask: (...argv: Argument[]) => Promise<unknown>, key: string) {
  await ask("EDDYLINE", "EXPORT", key);
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await ask("EDDYLINE", "READ");
    if (piece === null) break;
    pieces.push(piece as Uint8Array);
  }
  await ask("EDDYLINE", "RECEIVE", "imported");
  for (const piece of pieces) await ask("EDDYLINE", "WRITE", piece);
  await ask("EDDYLINE", "COMMIT");
}

const version = process.argv[2];
if (version === undefined) throw new Error("which version?");
const target = join(import.meta.dirname, version);
if (existsSync(target)) throw new Error(`the files of version ${version} are there`);
mkdirSync(target);
const root = mkdtempSync(join(tmpdir(), "eddyline-format-"));

const filler = Array.from({ length: BATCHES }, (_, n) => ["SET", "filler", `${n}`]);
for (const [name, all] of [
  ["checkpoint", [...commands, ...filler, ...reads]],
  ["journal", [...changes, ...reads]],
] as const) {
  const folder = join(root, name);
  await run(folder, all);
  await keep(name, folder, await stateIn(folder));
}

const db = await Eddyline.open(`file:${join(root, "checkpoint")}`);
const exported: Uint8Array[] = [];
for await (const bytes of db.export()) exported.push(bytes);
await db.close();
const bytes = new Uint8Array(Buffer.concat(exported));
writeFileSync(join(target, "export.gz"), gzipSync(bytes, { level: 9 }));

const imported = join(root, "import");
const importing = await Eddyline.open(`file:${imported}`);
await importing.import(new Blob([bytes]).stream());
await importing.close();
await keep("import", imported, await stateIn(imported));
rmSync(root, { recursive: true });

async function keep(name: string, folder: string, state: string): Promise<void> {
  writeFileSync(join(target, `${name}.txt`), state);
  const file = readFileSync(join(folder, DATABASE_FILE));
  writeFileSync(join(target, `${name}.sqlite.gz`), gzipSync(file, { level: 9 }));
}
