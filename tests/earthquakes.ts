/** Runs `examples/earthquakes` and checks what it says. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM = fileURLToPath(new URL("../examples/earthquakes/run.ts", import.meta.url));

/** Runs the program on the keyspace at `address`: nothing lost, nothing counted twice. */
export async function checkEarthquakes(address: string, ...options: string[]): Promise<void> {
  const argv = [PROGRAM, address, ...options];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv);
  assert.equal(stderr, "");
  const lines = new Map(stdout.split("\n").map((line) => [line.slice(0, 11).trim(), line]));
  const shares = [...(lines.get("shared") ?? "").matchAll(/(\w+) (\d+)/g)];
  assert.deepEqual(
    shares.map(([, name]) => name),
    ["ana", "ben", "cho"],
  );
  assert.equal(
    shares.reduce((sum, [, , done]) => sum + Number(done), 0),
    1707,
  );
  const left = /^pending +ben stopped and left (\d+) unacknowledged/m.exec(stdout)?.[1];
  const taken = /^taken over +ana processed the (\d+) entries that ben left/m.exec(stdout)?.[1];
  assert.ok(Number(left) > 0, stdout);
  assert.equal(taken, left);
  assert.match(stdout, /^total +1707 +1707$/m);
  assert.match(stdout, /^agree +to the last event$/m);
}
