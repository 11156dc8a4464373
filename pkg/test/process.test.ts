/** What an open keyspace means for the life of a Node process. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";

const entry = new URL("../src/entry/node.ts", import.meta.url).href;

/** Runs a program that has `db`, an open keyspace; what it printed and how it ended. */
function run(program: string): Promise<{ code: number; out: string; err?: string }> {
  const source = `import { Eddyline } from ${JSON.stringify(entry)};
    const db = await Eddyline.open("memory://");
    const read = (BLOCK) => db.xRead({ key: "s", id: "$" }, { BLOCK });
    ${program}`;
  const args = ["--input-type=module", "--eval", source];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 20_000 }, (error, out, err) => {
      const code = typeof error?.code === "number" ? error.code : error ? -1 : 0;
      resolve({ code, out, ...(code === 0 && err !== "" && { err }) });
    });
  });
}

/** Node's exit code when nothing is left that could settle what the program awaits. */
const UNSETTLED = 13;

describe("a process", () => {
  it("ends with a keyspace open", async () => {
    assert.deepEqual(await run("await db.ping();"), { code: 0, out: "" });
  });

  it("lives until a wait is over", async () => {
    assert.deepEqual(await run("console.log(await read(100));"), { code: 0, out: "null\n" });
  });

  it("ends when all that is left is a wait without end, which nobody could end", async () => {
    assert.deepEqual(await run("await read(0);"), { code: UNSETTLED, out: "" });
  });

  it("ends when the wait that kept it alive was called off", async () => {
    const program = `const abort = new AbortController();
      db.xRead({ key: "s", id: "$" }, { BLOCK: 3_600_000, signal: abort.signal }).catch(() => console.log("off"));
      setTimeout(() => abort.abort(), 10);`;
    assert.deepEqual(await run(program), { code: 0, out: "off\n" });
  });

  it("is woken from the longest wait that Redis takes", async () => {
    const program = `setTimeout(() => db.xAdd("s", "1-1", { a: "1" }), 10);
      console.log((await read(1e15)).length);`;
    assert.deepEqual(await run(program), { code: 0, out: "1\n" });
  });
});
