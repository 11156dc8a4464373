/**
 * Runs the programs of `examples/from-the-literature` on each server: what they print is equal,
 * and equal to what the same program prints with another client.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Server, type ServerName, startServer } from "./servers.ts";

const FOLDER = fileURLToPath(new URL("../../examples/from-the-literature/", import.meta.url));
const PATIENCE_MS = 60_000;

/** The first says what is right. */
const SERVERS: readonly ServerName[] = ["redis-server 7.0", "eddyline", "eddyline with a folder"];

/** Tests for each program of a folder, started by `interpreter`. */
export function literature(folder: string, interpreter: string): void {
  describe(`programs from the literature: ${folder}`, () => {
    const servers: Server[] = [];
    before(async () => {
      servers.push(...(await Promise.all(SERVERS.map(startServer))));
    });
    after(() => Promise.all(servers.map((server) => server.stop())));

    const programs = readdirSync(join(FOLDER, folder)).filter((name) => /\.(ts|py)$/.test(name));
    it("are there", () => assert.equal(programs.length, 8));
    for (const program of programs) {
      it(`${program} prints the same on every server`, async () => {
        const path = join(FOLDER, folder, program);
        const outputs: string[] = [];
        for (const { url } of servers) outputs.push(await run(interpreter, path, url));
        const [right = ""] = outputs;
        assert.ok(right.split("\n").length > 3, `it prints what it did: ${right}`);
        for (const [index, output] of outputs.entries()) {
          assert.equal(output, right, `on ${SERVERS[index]}`);
        }
        // It comes after itself here: a program clears what the run before it has left.
        const { url } = servers.at(-1) ?? assert.fail("there are servers");
        assert.equal(await run(process.execPath, elsewhere(program), url), right, "with ioredis");
      });
    }
  });
}

/** The same program with ioredis. */
function elsewhere(program: string): string {
  return join(FOLDER, "ioredis", program.replaceAll("_", "-").replace(/py$/, "ts"));
}

async function run(interpreter: string, path: string, url: string): Promise<string> {
  const env = { ...process.env, REDIS_URL: url };
  const { stdout, stderr } = await promisify(execFile)(interpreter, [path], {
    env,
    timeout: PATIENCE_MS,
  });
  assert.equal(stderr, "");
  return stdout;
}
