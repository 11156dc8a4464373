/** Exports and imports over HTTP, to a server of this process. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { createToken } from "../../pkg/src/server/index.ts";
import { HttpHost, TOKEN } from "./http-host.ts";

async function fill(db: Eddyline, key: string): Promise<void> {
  for (let n = 1; n <= 3000; n++) void db.xAdd(key, `${n}-1`, { text: `text ${n}` });
  await db.xGroupCreate(key, "g", "0");
  await db.xReadGroup("g", "c", { key, id: ">" }, { COUNT: 50 });
  await db.xDel(key, ["7-1"]);
}

function known(db: Eddyline, key: string): Promise<unknown> {
  return db.sendCommand(["XINFO", "STREAM", key, "FULL", "COUNT", "0"]);
}

describe("moving over HTTP", () => {
  it("takes a stream there and back", async () => {
    await using host = await HttpHost.start();
    await using here = await Eddyline.open("memory://");
    await using there = await Eddyline.open(host.address, { token: TOKEN });
    await fill(here, "orders");
    assert.equal(await there.import(here.export("orders"), { as: "a key/with?signs" }), 1);
    assert.deepEqual(await known(there, "a key/with?signs"), await known(here, "orders"));
    await using back = await Eddyline.open("memory://");
    assert.equal(await back.import(there.export("a key/with?signs"), { as: "orders" }), 1);
    assert.deepEqual(await known(back, "orders"), await known(here, "orders"));
    const socket = host.address.replace("http", "ws");
    await using overSocket = await Eddyline.open(socket, { token: TOKEN });
    await using again = await Eddyline.open("memory://");
    assert.equal(await again.import(overSocket.export("a key/with?signs")), 1);
  });

  it("refuses what cannot be done, and leaves nothing", async () => {
    await using host = await HttpHost.start();
    await using here = await Eddyline.open("memory://");
    await using there = await Eddyline.open(host.address, { token: TOKEN });
    await fill(here, "orders");
    const refused = async (work: Promise<unknown>, code: string, text: RegExp) =>
      assert.rejects(work, { code, message: text });
    await refused(there.export("none").getReader().read(), "TRANSPORT", /404: ERR no such key/);
    await there.import(here.export("orders"), { as: "orders" });
    await refused(there.import(here.export(), { as: "orders" }), "BUSYKEY", /is there already/);
    await here.xAdd("orders", "*", { more: "1" });
    await there.import(here.export(), { as: "orders", replace: true });
    assert.equal(await there.xLen("orders"), 3000);
    const cut = new Uint8Array(await new Response(here.export()).arrayBuffer()).subarray(0, -9);
    await refused(there.import(cut, { as: "cut" }), "DAMAGED", /cut short at byte \d+/);
    await fill(here, "second");
    await refused(there.import(here.export(), { as: "both" }), "DAMAGED", /a second key/);
    await refused(there.export().getReader().read(), "UNSUPPORTED", /one key/);
    await refused(there.import(here.export()), "UNSUPPORTED", /`as`/);
    assert.deepEqual(await there.sendCommand(["KEYS", "*"]), ["orders"]);
  });

  it("asks for the token's permission", async () => {
    await using host = await HttpHost.start();
    const token = await createToken(TOKEN, { readOnly: true, prefixes: ["orders"] });
    const headers = { authorization: `Bearer ${token}` };
    const status = async (path: string, init: RequestInit = {}) =>
      (await host.fetch(path, { ...init, headers })).status;
    await host.result("XADD", "orders:1", "*", "a", "1");
    await host.result("XADD", "users", "*", "a", "1");
    assert.equal(await status("/v1/streams/orders:1/export"), 200);
    assert.equal(await status("/v1/streams/users/export"), 403);
    assert.equal(await status("/v1/streams/orders:2/import", { method: "POST" }), 403);
    assert.equal((await fetch(`${host.address}/v1/streams/users/export`)).status, 401);
  });

  it("lets go what a reader that has gone was to get", async () => {
    await using host = await HttpHost.start();
    await using here = await Eddyline.open("memory://");
    await using there = await Eddyline.open(host.address, { token: TOKEN });
    await fill(here, "orders");
    await there.import(here.export("orders"), { as: "orders" });
    for await (const _ of there.export("orders")) break;
    const controller = new AbortController();
    const { signal } = controller;
    const source = async function* () {
      for await (const piece of here.export("orders")) {
        yield piece;
        controller.abort(new Error("enough"));
      }
    };
    await assert.rejects(there.import(source(), { as: "more", signal }), /enough/);
    assert.deepEqual(await there.sendCommand(["KEYS", "*"]), ["orders"]);
  });
});
