/** A stream goes into a Durable Object and is the same there. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { TOKEN, Workerd } from "./workerd.ts";

let server: Workerd;
let there: Eddyline;
let here: Eddyline;

before(async () => {
  server = await Workerd.start();
  there = await Eddyline.open(server.address, { token: TOKEN });
  here = await Eddyline.open("memory://");
  for (let n = 1; n <= 5000; n++) void here.xAdd("orders", `${n}-1`, { text: `text ${n}` });
  await here.xGroupCreate("orders", "g", "0");
  await here.xReadGroup("g", "c", { key: "orders", id: ">" }, { COUNT: 70 });
  await here.xAck("orders", "g", ["2-1", "3-1"]);
  await here.xDel("orders", ["7-1", "4000-1"]);
});

after(async () => {
  await there?.close();
  await here?.close();
  await server?.[Symbol.asyncDispose]();
});

function known(db: Eddyline, key: string): Promise<unknown> {
  return db.sendCommand(["XINFO", "STREAM", key, "FULL", "COUNT", "0"]);
}

test("a stream of this process opens in an object", async () => {
  assert.equal(await there.import(here.export("orders"), { as: "moved" }), 1);
  assert.deepEqual(await known(there, "moved"), await known(here, "orders"));
  await server.kill();
  await server.restart();
  assert.deepEqual(await known(there, "moved"), await known(here, "orders"));
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
