/** A stream goes into a Durable Object and out of it again, and stays the same. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { addOnce, fillStream, known } from "../moving-scenario.ts";
import { TOKEN, Workerd } from "./workerd.ts";

let server: Workerd;
let there: Eddyline;
let here: Eddyline;

before(async () => {
  server = await Workerd.start();
  there = await Eddyline.open(server.address, { token: TOKEN });
  here = await Eddyline.open("memory://");
  await fillStream(here, "orders");
});

after(async () => {
  await there?.close();
  await here?.close();
  await server?.[Symbol.asyncDispose]();
});

test("a stream of this process opens in an object", async () => {
  assert.equal(await there.import(here.export("orders"), { as: "moved" }), 1);
  assert.deepEqual(await known(there, "moved"), await known(here, "orders"));
  await server.kill();
  await server.restart();
  assert.deepEqual(await known(there, "moved"), await known(here, "orders"));
});

test("a stream of an object opens in this process", async () => {
  await there.import(here.export("orders"), { as: "a key/with?signs" });
  await using back = await Eddyline.open("memory://");
  assert.equal(await back.import(there.export("a key/with?signs"), { as: "orders" }), 1);
  assert.deepEqual(await known(back, "orders"), await known(here, "orders"));
  // It goes on from there: what was sent before the move is not taken a second time.
  const length = await back.xLen("orders");
  assert.equal(await addOnce(back, "orders"), await addOnce(here, "orders"));
  assert.equal(await back.xLen("orders"), length);
  await assert.rejects(there.export("none").getReader().read(), /404: ERR no such key/);
});

test("what cannot be imported leaves nothing in an object", async () => {
  const file = new Uint8Array(await new Response(here.export("orders")).arrayBuffer());
  const cut = there.import(file.subarray(0, -50), { as: "cut" });
  await assert.rejects(cut, { code: "DAMAGED", message: /cut short at byte \d+/ });
  assert.equal(await there.exists("cut"), 0);
  assert.equal(await there.import(file, { as: "taken" }), 1);
  await assert.rejects(there.import(file, { as: "taken" }), { code: "BUSYKEY" });
  assert.equal(await there.import(file, { as: "taken", replace: true }), 1);
});
