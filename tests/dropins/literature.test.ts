/**
 * The programs of `examples/from-the-literature`, which import `ioredis` or `redis`: with ours in their
 * place and no server they print what they print with a real Redis.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Server, startServer } from "../clients/servers.ts";

const FOLDER = fileURLToPath(new URL("../../examples/from-the-literature/", import.meta.url));
const IN_PLACE = pathToFileURL(fileURLToPath(new URL("./in-place.ts", import.meta.url))).href;
const PATIENCE_MS = 60_000;

for (const folder of ["ioredis", "node-redis"]) {
  describe(`programs from the literature: ${folder}`, () => {
    let redis: Server;
    before(async () => {
      redis = await startServer("redis-server 8.2");
    });
    after(() => redis.stop());

    const programs = readdirSync(join(FOLDER, folder)).filter((name) => name.endsWith(".ts"));
    it("are there", () => assert.equal(programs.length, 8));
    for (const program of programs) {
      it(`${program} prints the same without a server`, async () => {
        const path = join(FOLDER, folder, program);
        const [right, ours] = await Promise.all([
          run([path], redis.url),
          // Nobody listens there.
          run(["--import", IN_PLACE, path], "redis://127.0.0.1:1"),
        ]);
        assert.ok(right.split("\n").length > 3, `it prints what it did: ${right}`);
        assert.equal(ours, right);
      });
    }
  });
}

async function run(args: readonly string[], url: string): Promise<string> {
  const env = { ...process.env, REDIS_URL: url };
  const options = { env, timeout: PATIENCE_MS };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
  assert.equal(stderr, "");
  return stdout;
}
