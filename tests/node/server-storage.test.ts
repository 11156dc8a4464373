/** The server over a storage, and when its engine breaks. */

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WasmEngine } from "../../pkg/src/engine.ts";
import { encodeRequests } from "../../pkg/src/framing.ts";
import * as limits from "../../pkg/src/limits.ts";
import { createServer, type ServerOptions } from "../../pkg/src/server/index.ts";
import { ScriptedStorage } from "../../pkg/test/scripted-storage.ts";
import { RawClient } from "./server-socket.ts";

const start = (options: ServerOptions) => createServer({ port: 0, ...options }).listen();
const request = (...argv: string[]) => encodeRequests([argv]);

/** Time enough for what must not come. */
const SOON_MS = 50;

/** Resolves when so many commits were asked for. */
async function commits(storage: ScriptedStorage, count: number): Promise<void> {
  while (storage.commits.length < count) await sleep(1);
}

describe("a reply", () => {
  it("comes when what it tells of is durable, and not before", async () => {
    const storage = new ScriptedStorage();
    await using server = await start({ storage });
    const [writer, reader] = [await RawClient.open(server.port), await RawClient.open(server.port)];
    storage.isHolding = true;
    writer.write("XADD s 1-1 a 1\r\nXADD s 1-2 a 1\r\n");
    await commits(storage, 1);
    reader.write("XLEN s\r\n");
    await sleep(SOON_MS);
    assert.deepEqual([writer.unread, reader.unread], ["", ""]);
    storage.letGo();
    assert.deepEqual(
      [await writer.reply(), await writer.reply(), await reader.reply()],
      ["$3\r\n1-1\r\n", "$3\r\n1-2\r\n", ":2\r\n"],
    );
    for (const client of [writer, reader]) client.close();
  });

  it("wakes no reader before the entry is durable", async () => {
    const storage = new ScriptedStorage();
    await using server = await start({ storage });
    const [writer, reader] = [await RawClient.open(server.port), await RawClient.open(server.port)];
    reader.write("XREAD BLOCK 0 STREAMS s $\r\n");
    assert.equal(await writer.ask("PING\r\n"), "+PONG\r\n");
    storage.isHolding = true;
    writer.write("XADD s 1-1 a 1\r\n");
    await commits(storage, 1);
    await sleep(SOON_MS);
    assert.equal(reader.unread, "");
    storage.letGo();
    assert.match(await reader.reply(), /1-1/);
    for (const client of [writer, reader]) client.close();
  });

  it("comes in order from segments that have to be loaded", async () => {
    const storage = new ScriptedStorage();
    await using server = await start({ storage, maxResidentBytes: 64 << 10 });
    const client = await RawClient.open(server.port);
    const value = "x".repeat(10_000);
    const ids = Array.from({ length: 200 }, (_, i) => `${i + 1}-1`);
    for (const id of ids) await client.ask(request("XADD", "s", id, "a", value));
    const reads = storage.reads.length;
    client.write("XRANGE s - + COUNT 1\r\nXADD s 300-1 a 1\r\nXLEN s\r\n");
    assert.match(await client.reply(), /\$3\r\n1-1\r\n/);
    assert.deepEqual([await client.reply(), await client.reply()], ["$5\r\n300-1\r\n", ":201\r\n"]);
    assert.ok(storage.reads.length > reads);
    client.close();
  });

  it("comes in order, also when replies are large and some are held", async () => {
    const storage = new ScriptedStorage();
    await using server = await start({ storage });
    const client = await RawClient.open(server.port);
    await client.ask(request("XADD", "s", "1-1", "a", "x".repeat(200_000)));
    storage.isHolding = true;
    const count = 50;
    for (let i = 2; i < count; i++)
      client.write(`XADD s ${i}-1 a 1\r\nXRANGE s 1 1\r\nXRANGE s 1 1\r\nXLEN s\r\n`);
    await commits(storage, 2);
    storage.letGo();
    for (let i = 2; i < count; i++) {
      assert.match(await client.reply(), new RegExp(`\r\n${i}-1\r\n$`));
      for (let range = 0; range < 2; range++) assert.match(await client.reply(), /x\r\n$/);
      assert.equal(await client.reply(), `:${i}\r\n`);
    }
    client.close();
  });

  it("that is owed goes out before the server has closed", async () => {
    const storage = new ScriptedStorage();
    const server = await start({ storage });
    const client = await RawClient.open(server.port);
    storage.isHolding = true;
    client.write("XADD s 1-1 a 1\r\n");
    await commits(storage, 1);
    const closed = server.close();
    await sleep(SOON_MS);
    assert.ok(!storage.closed);
    storage.letGo();
    assert.equal(await client.rest(), "$3\r\n1-1\r\n");
    await closed;
    assert.ok(storage.closed);
    assert.equal(storage.kept.journal.size, 1);
  });

  it("that waits for a commit counts against who sends more", async () => {
    const storage = new ScriptedStorage();
    await using server = await start({ storage });
    const client = await RawClient.open(server.port);
    storage.isHolding = true;
    const bytes = 1 << 20;
    const add = request("XADD", "s", "*", "a", "x".repeat(bytes));
    const most = (limits.backlogBytes / bytes) * 3;
    const taken = await client.writeUntilStill(add, most);
    assert.ok(taken < most / 2, `${taken} requests were taken`);
    storage.letGo();
    for (let i = 0; i <= taken; i++) assert.match(await client.reply(), /^\$\d+\r\n\d+-\d+\r\n$/);
    client.close();
  });
});

describe("an engine that breaks", () => {
  const trap = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };

  for (const storage of [undefined, new ScriptedStorage()]) {
    const name = storage === undefined ? "in memory" : "over a storage";
    it(`${name} ends its connections, and another one follows`, async () => {
      const events: string[] = [];
      await using server = await start({
        log: (event) => events.push(event),
        ...(storage && { storage }),
      });
      const [culprit, waiting] = [
        await RawClient.open(server.port),
        await RawClient.open(server.port),
      ];
      assert.equal(await culprit.ask("XADD s 1-1 a 1\r\n"), "$3\r\n1-1\r\n");
      waiting.write("XREAD BLOCK 0 STREAMS s $\r\n");
      assert.equal(await culprit.ask("PING\r\n"), "+PONG\r\n");
      mock.method(WasmEngine.prototype, "turn", trap, { times: 1 });
      culprit.write("XLEN s\r\n");
      assert.match(await culprit.rest(), /^-TRYAGAIN the engine was lost[^\r]*\r\n$/);
      assert.equal(await waiting.rest(), "");
      const next = await RawClient.open(server.port);
      assert.equal(await next.ask("XLEN s\r\n"), storage ? ":1\r\n" : ":0\r\n");
      assert.equal(await server.client().xLen("s"), storage ? 1 : 0);
      next.close();
      const lost = events.filter((event) => event.startsWith("the engine was lost"));
      assert.equal(lost.length, 1);
      assert.match(lost[0] ?? "", storage ? /restored from storage$/ : /are lost: going on empty$/);
    });
  }

  it("because a commit failed is restored, and acknowledges nothing that is not there", async () => {
    const storage = new ScriptedStorage();
    await using server = await start({ storage });
    const client = await RawClient.open(server.port);
    assert.equal(await client.ask("XADD s 1-1 a 1\r\n"), "$3\r\n1-1\r\n");
    storage.failure = new Error("disk full");
    client.write("XADD s 1-2 a 1\r\n");
    assert.equal(await client.rest(), "-MISCONF Errors writing to the AOF file: disk full\r\n");
    storage.failure = undefined;
    const next = await RawClient.open(server.port);
    assert.equal(await next.ask("XLEN s\r\n"), ":1\r\n");
    next.close();
  });

  it("and cannot be followed ends the server, with the reason", async () => {
    const storage = new ScriptedStorage();
    const events: string[] = [];
    const server = await start({ storage, log: (event) => events.push(event) });
    const client = await RawClient.open(server.port);
    storage.load = () => {
      throw new Error("disk gone");
    };
    mock.method(WasmEngine.prototype, "turn", trap, { times: 1 });
    client.write("XLEN s\r\n");
    await client.rest();
    const reason = await server.ended;
    assert.match(reason?.message ?? "", /disk gone/);
    assert.match(events.at(-1) ?? "", /^cannot go on: .*disk gone/);
  });
});
