/** The conversations leave out no stream method that redis-py has. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { it } from "node:test";

const LIST = "import redis; print(*(n for n in dir(redis.Redis) if n.startswith('x')))";

it("redis-py is called by every stream method it has", () => {
  const python = process.env.EDDYLINE_PYTHON ?? "python3";
  const methods = execFileSync(python, ["-c", LIST], { encoding: "utf8" }).trim().split(" ");
  assert.ok(methods.length > 20, `it has ${methods.length} stream methods`);
  const source = readFileSync(new URL("conversations.py", import.meta.url), "utf8");
  const uncalled = methods.filter((method) => !new RegExp(`\\.${method}\\b`).test(source));
  assert.deepEqual(uncalled, []);
});
