/** What `wrangler deploy` would upload, as far as it can be told without an account. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");

test("wrangler.toml deploys as it is", () => {
  const folder = mkdtempSync(join(tmpdir(), "eddyline-deploy-"));
  try {
    const argv = ["deploy", "--dry-run", "--outdir", folder];
    const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" };
    const options = { cwd: ROOT, env, encoding: "utf8", timeout: 120_000 } as const;
    const { status, stdout, stderr } = spawnSync("wrangler", argv, options);
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /env\.STREAMS \(StreamObject\)\s+Durable Object/);
    assert.match(stdout, /env\.ASSETS\s+Assets/);
    const files = readdirSync(folder);
    assert.ok(files.includes("index.js"), String(files));
    assert.equal(files.filter((name) => name.endsWith(".wasm")).length, 1, String(files));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
