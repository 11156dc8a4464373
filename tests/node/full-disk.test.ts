/** A server whose disk is full: nothing is acknowledged, writes are refused, reads go on. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StatementSync } from "node:sqlite";
import { after, afterEach, describe, it, mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline, StorageFullError } from "../../pkg/src/entry/node.ts";
import * as limits from "../../pkg/src/limits.ts";
import { createServer } from "../../pkg/src/server/index.ts";
import { RawClient } from "./server-socket.ts";

const MISCONF = "-MISCONF Errors writing to the AOF file: No space left on device\r\n";
const root = mkdtempSync(join(tmpdir(), "eddyline-full-"));
let folders = 0;
const newFolder = () => join(root, `${++folders}`);

/** Makes every statement that writes fail, as on a full disk or a broken one. */
function breakDisk(message: string, errcode: number): void {
  mock.method(StatementSync.prototype, "run", () => {
    throw Object.assign(new Error(message), { errcode });
  });
}

const fillDisk = () => breakDisk("database or disk is full", 13);

describe("a server whose disk is full", () => {
  after(() => rmSync(root, { recursive: true }));
  afterEach(() => mock.restoreAll());

  it("acknowledges nothing, refuses writes and goes on with reads until there is room", async () => {
    const log: string[] = [];
    const dir = newFolder();
    await using server = await createServer({
      port: 0,
      dir,
      log: (line) => log.push(line),
    }).listen();
    const writer = await RawClient.open(server.port);
    assert.equal(await writer.ask("XADD s 1-1 a 1\r\n"), "$3\r\n1-1\r\n");
    fillDisk();
    writer.write("XADD s 2-1 a 1\r\n");
    assert.equal(await writer.rest(), MISCONF);
    const client = await RawClient.open(server.port);
    assert.equal(await client.ask("XADD s 3-1 a 1\r\n"), MISCONF);
    assert.equal(await client.ask("XREADGROUP GROUP g c STREAMS s >\r\n"), MISCONF);
    assert.equal(await client.ask("XLEN s\r\n"), ":1\r\n");
    assert.equal(await client.ask("MULTI\r\n"), "+OK\r\n");
    assert.equal(await client.ask("XADD s 4-1 a 1\r\n"), MISCONF);
    assert.match(await client.ask("EXEC\r\n"), /^-EXECABORT /);
    // Looked at again and found full: nothing changes.
    await sleep(limits.probeMs * 1.5);
    assert.equal(await client.ask("SET a 1\r\n"), MISCONF);
    mock.restoreAll();
    while (!log.includes("writes are taken again")) await sleep(10);
    assert.equal(await client.ask("XADD s 3-1 a 1\r\n"), "$3\r\n3-1\r\n");
    assert.equal(await client.ask("XLEN s\r\n"), ":2\r\n");
    client.close();
    assert.ok(log.includes("writes are refused: No space left on device"), log.join("\n"));
    await server.close();
    await using db = await Eddyline.open(`file:${dir}`);
    const ids = (await db.xRange("s", "-", "+")).map(({ id }) => id);
    assert.deepEqual(ids, ["1-1", "3-1"]);
  });

  it("refuses with the reason, and lets no key that expires break it again", async () => {
    await using server = await createServer({ port: 0, dir: newFolder() }).listen();
    const writer = await RawClient.open(server.port);
    assert.equal(await writer.ask("SET k v PX 300\r\n"), "+OK\r\n");
    breakDisk("disk I/O error", 10);
    writer.write("SET k2 v\r\n");
    const refusal = "-MISCONF Errors writing to the AOF file: Input/output error\r\n";
    assert.equal(await writer.rest(), refusal);
    const client = await RawClient.open(server.port);
    await sleep(400);
    assert.equal(await client.ask("GET k\r\n"), "$-1\r\n");
    assert.equal(await client.ask("SET k2 v\r\n"), refusal);
    client.close();
  });

  it("tells a caller in the same process by a typed error", async () => {
    const dir = newFolder();
    await using db = await Eddyline.open(`file:${dir}`);
    await db.xAdd("s", "1-1", { a: "1" });
    fillDisk();
    await assert.rejects(db.xAdd("s", "2-1", { a: "1" }), StorageFullError);
    assert.equal(await db.xLen("s"), 1);
    mock.restoreAll();
    assert.equal(await db.xAdd("s", "3-1", { a: "1" }), "3-1");
  });
});
