/** Clients of a server and what they do to it and to each other: passwords, bounds, messages, ends. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createServer, type ServerOptions } from "../../pkg/src/server/index.ts";
import type { Appendfsync } from "../../pkg/src/storage/storage.ts";
import { ScriptedStorage } from "../../pkg/test/scripted-storage.ts";
import { RawClient } from "./server-socket.ts";

const start = (options: ServerOptions = {}) => createServer({ port: 0, ...options }).listen();

describe("a server with a password", () => {
  it("serves who gives it, and nobody else", async () => {
    await using server = await start({ requirepass: "s3cret", host: "0.0.0.0" });
    const client = await RawClient.open(server.port);
    assert.equal(await client.ask("XLEN s\r\n"), "-NOAUTH Authentication required.\r\n");
    assert.match(await client.ask("AUTH wrong\r\n"), /^-WRONGPASS /);
    assert.equal(await client.ask("AUTH s3cret\r\n"), "+OK\r\n");
    assert.equal(await client.ask("XLEN s\r\n"), ":0\r\n");
    const other = await RawClient.open(server.port);
    assert.match(await other.ask("HELLO 3 AUTH default s3cret\r\n"), /^%/);
    assert.equal(await other.ask("XLEN s\r\n"), ":0\r\n");
    for (const one of [client, other]) one.close();
  });

  it("asks none of its own process", async () => {
    await using server = await start({ requirepass: "s3cret" });
    const db = server.client();
    await db.xGroupCreate("s", "g", "$", { MKSTREAM: true });
    const waiting = db.xReadGroup("g", "c", { key: "s", id: ">" }, { BLOCK: 5000 });
    const client = await RawClient.open(server.port);
    client.write("AUTH s3cret\r\nXADD s 1-1 a 1\r\nCONFIG SET requirepass other\r\n");
    assert.equal((await waiting)?.[0]?.messages[0]?.id, "1-1");
    for (const reply of ["+OK\r\n", "$3\r\n1-1\r\n", "+OK\r\n"])
      assert.equal(await client.reply(), reply);
    assert.equal(await db.xRead({ key: "s", id: "$" }, { BLOCK: 1 }), null);
    client.close();
  });
});

describe("parameters", () => {
  it("bound the connections", async () => {
    await using server = await start({ maxclients: 2 });
    const clients = [await RawClient.open(server.port), await RawClient.open(server.port)];
    for (const client of clients) assert.equal(await client.ask("PING\r\n"), "+PONG\r\n");
    const third = await RawClient.open(server.port);
    assert.equal(await third.rest(), "-ERR max number of clients reached\r\n");
    clients[0]?.socket.end("QUIT\r\n");
    await clients[0]?.rest();
    const fourth = await RawClient.open(server.port);
    assert.equal(await fourth.ask("PING\r\n"), "+PONG\r\n");
    for (const client of [...clients, fourth]) client.close();
  });

  it("bound the memory", async () => {
    await using server = await start({ maxmemory: "1mb" });
    const client = await RawClient.open(server.port);
    const add = `XADD s * a ${"x".repeat(60_000)}\r\n`;
    let reply = "$";
    for (let i = 0; i < 100 && reply.startsWith("$"); i++) reply = await client.ask(add);
    assert.match(reply, /^-OOM command not allowed when used memory > 'maxmemory'\.\r\n$/);
    assert.match(await client.ask("XLEN s\r\n"), /^:\d+\r\n$/);
    assert.match(await client.ask("XTRIM s MAXLEN 0\r\n"), /^:1\d\r\n$/);
    assert.match(await client.ask(add), /^\$/);
    client.close();
  });

  it("that make no sense keep the server from starting", async () => {
    await assert.rejects(start({ maxmemory: "much" }), {
      code: "ERR",
      message: /CONFIG SET failed.*'maxmemory'.*must be a memory value/,
    });
  });

  it("of the storage follow CONFIG SET", async () => {
    const storage = new ScriptedStorage();
    const told: Appendfsync[] = [];
    const server = await start({
      storage: Object.assign(storage, { setAppendfsync: (when: Appendfsync) => told.push(when) }),
    });
    const client = await RawClient.open(server.port);
    assert.deepEqual(told, [], "what it was opened with stands");
    for (const when of ["everysec", "everysec", "no", "always"])
      assert.equal(await client.ask(`CONFIG SET appendfsync ${when}\r\n`), "+OK\r\n");
    assert.deepEqual(told, ["everysec", "no", "always"]);
    client.close();
    await server.close();
  });
});

describe("clients", () => {
  it("can be listed with where they come from", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    const { localPort } = client.socket;
    const list = await client.ask("CLIENT LIST\r\n");
    assert.equal(list.match(/^id=/gm)?.length, 1, "nobody is there but this one");
    assert.ok(list.includes(` addr=127.0.0.1:${localPort} laddr=127.0.0.1:${server.port} `), list);
    client.close();
  });

  it("hear what is published, also while they wait for nothing", async () => {
    await using server = await start();
    const listener = await RawClient.open(server.port);
    assert.match(await listener.ask("SUBSCRIBE news\r\n"), /subscribe/);
    const speaker = await RawClient.open(server.port);
    assert.equal(await speaker.ask("PUBLISH news hello\r\n"), ":1\r\n");
    assert.equal(await listener.reply(), "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n");
    listener.reset();
    while ((await speaker.ask("PUBLISH news hello\r\n")) !== ":0\r\n");
    speaker.close();
  });

  it("can be sent off by others", async () => {
    await using server = await start();
    const [one, other] = [await RawClient.open(server.port), await RawClient.open(server.port)];
    const id = /^:(\d+)/.exec(await one.ask("CLIENT ID\r\n"))?.[1];
    one.write("XREAD BLOCK 0 STREAMS s $\r\n");
    assert.equal(await other.ask("PING\r\n"), "+PONG\r\n");
    assert.equal(await other.ask(`CLIENT KILL ID ${id}\r\n`), ":1\r\n");
    assert.equal(await one.rest(), "");
    assert.equal((await other.ask("CLIENT LIST\r\n")).match(/^id=/gm)?.length, 1);
    other.close();
  });

  it("can be unblocked by others", async () => {
    await using server = await start();
    const [one, other] = [await RawClient.open(server.port), await RawClient.open(server.port)];
    const id = /^:(\d+)/.exec(await one.ask("CLIENT ID\r\n"))?.[1];
    one.write("XREAD BLOCK 0 STREAMS s $\r\n");
    assert.equal(await other.ask("PING\r\n"), "+PONG\r\n");
    assert.equal(await other.ask(`CLIENT UNBLOCK ${id} ERROR\r\n`), ":1\r\n");
    assert.match(await one.reply(), /^-UNBLOCKED /);
    for (const client of [one, other]) client.close();
  });

  it("can end the server", async () => {
    const events: string[] = [];
    const server = await start({ log: (event) => events.push(event) });
    const client = await RawClient.open(server.port);
    client.write("SHUTDOWN\r\n");
    assert.equal(await client.rest(), "");
    assert.equal(await server.ended, undefined);
    assert.equal(events.at(-1), "SHUTDOWN: ending");
  });
});
