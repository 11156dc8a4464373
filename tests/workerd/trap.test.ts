/** Code that traps in one object, on purpose, in a build made for that. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Workerd } from "./workerd.ts";

/** A value that makes the core trap after it has written the commit. */
const TRAP = "eddyline-test-trap";

describe("an object whose engine traps", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start({ core: "generated-test" });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  const trap = (key: string) => server.run("XADD", key, "*", "f", TRAP);

  test("answers that the command may be sent again", async () => {
    const response = await server.post("/", JSON.stringify(["XADD", "a", "*", "f", TRAP]));
    assert.equal(response.status, 503);
    assert.ok(response.headers.has("retry-after"));
    assert.match(((await response.json()) as { error: string }).error, /^TRYAGAIN /);
  });

  test("has not run the command", async () => {
    await server.result("XADD", "b", "1-1", "f", "v");
    assert.equal((await trap("b")).status, 503);
    assert.deepEqual(await server.result("XRANGE", "b", "-", "+"), [["1-1", ["f", "v"]]]);
  });

  test("serves the next request, many times over", async () => {
    for (let number = 1; number <= 60; number++) {
      await server.result("XADD", "c", `${number}-1`, "f", "v");
      assert.equal((await trap("c")).status, 503);
      assert.equal(await server.result("XLEN", "c"), number);
    }
  });

  test("leaves other objects working, and those that wait there waiting", async () => {
    await server.result("XADD", "other", "1-1", "f", "v");
    const reader = server.result("XREAD", "BLOCK", "20000", "STREAMS", "other", "$");
    for (let number = 1; number <= 10; number++) {
      assert.equal((await trap("d")).status, 503);
      assert.equal(await server.result("XLEN", "other"), 1);
    }
    let isWoken = false;
    const woken = reader.finally(() => {
      isWoken = true;
    });
    for (let number = 2; !isWoken; number++) {
      await server.result("XADD", "other", `${number}-1`, "f", "v");
    }
    assert.notEqual(await woken, null);
  });

  test("tells those that wait at it to try again", async () => {
    await server.result("XGROUP", "CREATE", "e", "g", "$", "MKSTREAM");
    const argv = ["XREADGROUP", "GROUP", "g", "c", "BLOCK", "20000", "STREAMS", "e", ">"];
    const reader = server.run(...argv);
    while (((await server.result("XINFO", "CONSUMERS", "e", "g")) as unknown[]).length === 0);
    assert.equal((await trap("e")).status, 503);
    assert.equal((await reader).status, 503);
  });

  test("spoils only its own answers in a pipeline over several objects", async () => {
    const answers = await server.pipeline([
      ["XADD", "f", "1-1", "f", "v"],
      ["XADD", "g", "*", "f", TRAP],
      ["XLEN", "f"],
      ["XLEN", "g"],
    ]);
    assert.deepEqual(answers[0], { result: "1-1" });
    assert.match(answers[1]!.error!, /^TRYAGAIN /);
    assert.deepEqual(answers[2], { result: 1 });
    assert.match(answers[3]!.error!, /^TRYAGAIN /);
    assert.equal(await server.result("XLEN", "g"), 0);
  });
});
