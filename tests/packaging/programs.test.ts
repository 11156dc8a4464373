/** The packed package in programs that are no pages: each runtime that is here, by each way in. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { appendAndRead, type Folder, makeFolder, pack, READ, writeProgram } from "./tarball.ts";

const BINARIES = join(import.meta.dirname, "../../node_modules/.bin");

const MAIN = `import { appendAndRead } from "./program.mjs";

console.log(await appendAndRead());
`;

/** `require` gives the modules themselves: nothing in them awaits before it is called. */
const COMMON = `const { Eddyline } = require("eddyline");
const Redis = require("eddyline/ioredis");
const { createClient } = require("eddyline/redis");

async function main() {
  const db = await Eddyline.open("memory://");
  await db.xAdd("orders", "1-1", { item: "tea" });
  console.log(JSON.stringify(await db.xRange("orders", "-", "+")));
  const redis = new Redis();
  await redis.xadd("orders", "1-1", "item", "tea");
  const client = await createClient().connect();
  console.log(JSON.stringify(await client.xRange("orders", "-", "+")));
  await client.close();
  redis.disconnect();
}

main();
`;

/** In a folder that is named by the argument: what is kept there is there again. */
const KEPT = `import { Eddyline } from "eddyline";

async function appendAndReopen(address) {
  const db = await Eddyline.open(address);
  await db.xAdd("orders", "1-1", { item: "tea" });
  await db.close();
  const again = await Eddyline.open(address);
  console.log(JSON.stringify(await again.xRange("orders", "-", "+")));
  await again.close();
}

appendAndReopen("file:./" + process.argv[2]).catch((error) => console.log(String(error)));
`;

let folder: Folder;

before(() => {
  folder = makeFolder();
  writeProgram(folder.path, pack(folder.path), {
    "main.mjs": MAIN,
    "program.mjs": appendAndRead(),
    "as-text/main.mjs": MAIN,
    "as-text/program.mjs": appendAndRead("eddyline/base64"),
    "common.cjs": COMMON,
    "kept.mjs": KEPT,
    "package.json": '{ "dependencies": { "eddyline": "0.1.0" } }',
  });
});
after(() => folder?.[Symbol.dispose]());

function run(program: string, ...argv: string[]): string {
  const env = { ...process.env, DENO_DIR: join(folder.path, "deno"), NO_COLOR: "1" };
  const options = { cwd: folder.path, env, encoding: "utf8", timeout: 60_000 } as const;
  return execFileSync(program, argv, options).trim();
}

test("Node", () => {
  assert.equal(run(process.execPath, "main.mjs"), READ);
});

test("Node, with the module as text", () => {
  assert.equal(run(process.execPath, "as-text/main.mjs"), READ);
});

test("Node, by require", () => {
  assert.equal(run(process.execPath, "common.cjs"), `${READ}\n${READ}`);
});

test("Bun", () => {
  assert.equal(run(join(BINARIES, "bun"), "main.mjs"), READ);
});

test("Bun, with the module as text", () => {
  assert.equal(run(join(BINARIES, "bun"), "as-text/main.mjs"), READ);
});

/** What npm has installed, and nothing else. */
const DENO = ["run", "--node-modules-dir=manual", "--no-prompt"];

test("Deno", () => {
  assert.equal(run(join(BINARIES, "deno"), ...DENO, "--allow-read", "main.mjs"), READ);
});

test("Deno, with the module as text and no permission at all", () => {
  assert.equal(run(join(BINARIES, "deno"), ...DENO, "as-text/main.mjs"), READ);
});

test("Node, Bun and Deno keep a folder", () => {
  const deno = [...DENO, "--allow-read", "--allow-write", "--allow-env", "kept.mjs", "deno"];
  assert.deepEqual(
    [
      run(process.execPath, "kept.mjs", "node"),
      run(join(BINARIES, "bun"), "kept.mjs", "bun"),
      run(join(BINARIES, "deno"), ...deno),
    ],
    [READ, READ, READ],
  );
});

test("a Node without SQLite says which one has it", () => {
  assert.match(
    run(process.execPath, "--no-experimental-sqlite", "kept.mjs", "old"),
    /UnsupportedError: file: storage needs Node 22.13 or newer; this is Node /,
  );
});
