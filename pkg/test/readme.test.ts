/** The example in the README is a program that runs. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { promisify } from "node:util";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const entry = new URL("../src/entry/node.ts", import.meta.url).href;

it("the README's example runs", async () => {
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1];
  assert.ok(example !== undefined);
  assert.ok(example.includes('from "eddyline"'));
  const program = example.replace('"eddyline"', JSON.stringify(entry));
  const args = ["--input-type=module-typescript", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  assert.equal(stdout, "tea\n");
});

it("every method is in the README, and every method in the README is one", async () => {
  const { StreamClient } = await import("../src/entry/node.ts");
  const methods = Object.getOwnPropertyNames(StreamClient.prototype);
  const iterators = ["scanIterator", "xRangeIterator", "xRevRangeIterator"];
  const own = ["constructor", "stream", "withBytes", "multi", "sendCommand", ...iterators];
  const list = /## Methods\n\n(.*?)`multi\(\)` collects/s.exec(readme)?.[1] ?? "";
  const named = [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  assert.deepEqual(named.toSorted(), methods.filter((name) => !own.includes(name)).toSorted());
});
