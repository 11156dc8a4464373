/** What the program `eddyline` tells scripts: objects, and exit codes. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { createServer } from "../../pkg/src/server/index.ts";
import { runProgram } from "./served.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-json-"));
after(() => rmSync(root, { recursive: true }));

/** Runs a command that says one object. */
async function ask(...words: string[]): Promise<{ code: number; told: Record<string, unknown> }> {
  const { code, out, err } = await runProgram(...words, "--json");
  assert.equal(err === "", code === 0, err);
  assert.match(out, /^\{[^\n]*\}\n$/);
  return { code, told: JSON.parse(out) };
}

describe("the program's JSON", () => {
  const folder = join(root, "streams");
  before(async () => {
    await using db = await Eddyline.open(`file:${folder}`);
    for (let n = 1; n <= 3; n++) await db.xAdd("orders", `${n}-1`, { item: "tea" });
    await db.xAdd("other", "1-1", { item: "tea" });
  });

  it("of check", async () => {
    const { code, told } = await ask("check", folder);
    const { batches, ...rest } = told;
    assert.equal(code, 0);
    assert.equal(typeof batches, "number");
    const sound = { dir: folder, sound: true, keys: 2, entries: 4, problems: [], repairs: [] };
    assert.deepEqual(rest, sound);
  });

  it("of export and import", async () => {
    const output = join(root, "file");
    const exported = await ask("export", folder, "--output", output);
    assert.deepEqual(exported, { code: 0, told: { output, bytes: statSync(output).size } });
    const to = join(root, "imported");
    assert.deepEqual(await ask("import", to, output), { code: 0, told: { keys: 2 } });
    const again = await ask("import", to, output);
    assert.equal(again.code, 1);
    assert.equal((again.told.error as { code: string }).code, "BUSYKEY");
    assert.equal((await runProgram("export", folder, "--json")).code, 2);
  });

  it("of push and pull", async () => {
    await using server = await createServer({ port: 0 }).listen();
    const address = `redis://127.0.0.1:${server.port}`;
    const pushed = await ask("push", address, "--all", "--dir", folder);
    assert.equal(pushed.code, 0);
    const { copied, skipped, entries } = pushed.told;
    assert.deepEqual([copied, skipped, entries], [2, 0, 0]);
    assert.ok(Number(pushed.told.bytes) > 0);
    const again = await ask("push", address, "orders", "other", "--dir", folder);
    assert.deepEqual(again.told, { copied: 0, skipped: 2, entries: 0, bytes: 0, paged: 0 });
    const pulled = await ask("pull", address, "orders", "--dir", join(root, "pulled"));
    assert.equal(pulled.told.copied, 1);
  });

  it("of a failure", async () => {
    await using _ = await Eddyline.open(`file:${folder}`);
    for (const words of [
      ["check", folder],
      ["export", folder, "--output", join(root, "none")],
      ["bench", folder],
    ]) {
      const { code, told } = await ask(...words);
      assert.equal(code, 1);
      assert.equal((told.error as { code: string }).code, "IN_USE", words.join(" "));
    }
  });
});
