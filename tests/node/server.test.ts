/** The server over real sockets: requests, ends of connections, those who do not read. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeRequests } from "../../pkg/src/framing.ts";
import * as limits from "../../pkg/src/limits.ts";
import { createServer, ListenError, type Server } from "../../pkg/src/server/index.ts";
import { RawClient } from "./server-socket.ts";

const start = (log: (event: string) => void = () => {}) => createServer({ port: 0, log }).listen();
const request = (...argv: string[]) => encodeRequests([argv]);
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Fails when the server does not serve a new client as ever. */
async function assertServes(server: Server): Promise<void> {
  const client = await RawClient.open(server.port);
  assert.equal(await client.ask("PING\r\n"), "+PONG\r\n");
  client.close();
}

describe("a connection", () => {
  it("is answered in both protocols and inline", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    assert.equal(await client.ask("PING\r\n"), "+PONG\r\n");
    assert.equal(await client.ask(request("XADD", "s", "1-1", "a", "1")), "$3\r\n1-1\r\n");
    assert.match(await client.ask("HELLO 3\r\n"), /^%/);
    assert.equal(await client.ask("XREAD STREAMS none 0\r\n"), "_\r\n");
    assert.equal(await server.client().xLen("s"), 1, "and so is a client in the same process");
    client.close();
  });

  it("is answered in order, wherever what it sends is cut", async () => {
    await using server = await start();
    const bytes = "*2\r\n$4\r\nPING\r\n$5\r\nfirst\r\nPING second\r\n*1\r\n$4\r\nPING\r\n";
    const cuts = Array.from({ length: bytes.length - 1 }, (_, i) => [i + 1]);
    for (const cut of [...cuts, Array.from({ length: bytes.length }, (_, i) => i)]) {
      const client = await RawClient.open(server.port);
      for (const [i, from] of [0, ...cut].entries()) {
        client.write(bytes.slice(from, cut[i]));
        await settle();
      }
      const replies = [await client.reply(), await client.reply(), await client.reply()];
      assert.deepEqual(replies, ["$5\r\nfirst\r\n", "$6\r\nsecond\r\n", "+PONG\r\n"]);
      client.close();
    }
  });

  it("gets a pipeline's replies in order", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    const ids = Array.from({ length: 10_000 }, (_, i) => `1-${i + 1}`);
    client.write(encodeRequests(ids.map((id) => ["XADD", "s", id, "field", "value"])));
    for (const id of ids) assert.equal(await client.reply(), `$${id.length}\r\n${id}\r\n`);
    client.close();
  });

  it("gets a value larger than any buffer on the way", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    const value = "x".repeat(20 << 20);
    client.write(request("ECHO", value));
    assert.equal((await client.replyBytes()).byteLength, value.length + 13);
    client.close();
  });

  it("that asked to QUIT is told and closed", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    client.write("QUIT\r\nPING\r\n");
    assert.equal(await client.rest(), "+OK\r\n");
  });

  it("that ends its side gets what it asked for before", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    const requests = encodeRequests(Array.from({ length: 1000 }, () => ["ECHO", "x".repeat(1000)]));
    client.socket.end(requests);
    assert.equal((await client.rest()).length, 1000 * 1009);
  });

  it("that waits and goes leaves nothing behind", async () => {
    await using server = await start();
    const db = server.client();
    await db.xGroupCreate("s", "g", "$", { MKSTREAM: true });
    const leave: ((client: RawClient) => void)[] = [
      (client) => client.close(),
      (client) => client.reset(),
      (client) => client.socket.end(),
    ];
    for (const go of leave) {
      const client = await RawClient.open(server.port);
      client.write(request("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"));
      assert.equal(await other(server, "PING\r\n"), "+PONG\r\n");
      go(client);
      await once(client.socket, "close");
    }
    await db.xAdd("s", "1-1", { a: "1" });
    assert.equal((await db.xPending("s", "g")).pending, 0, "no entry went to who is gone");
  });

  it("can come over a Unix socket", async () => {
    const unixSocket = join(tmpdir(), `eddyline-${process.pid}.sock`);
    await using _server = await createServer({ port: 0, unixSocket }).listen();
    const client = await RawClient.open(unixSocket);
    assert.equal(await client.ask("PING\r\n"), "+PONG\r\n");
    client.close();
    await assert.rejects(createServer({ port: 0, unixSocket }).listen(), {
      code: "LISTEN",
      message: /it is there already; remove it if no server uses it/,
    });
  });
});

/** What a connection of its own is answered; the requests of all others have been run by then. */
async function other(server: Server, bytes: string): Promise<string> {
  const client = await RawClient.open(server.port);
  const reply = await client.ask(bytes);
  client.close();
  return reply;
}

describe("bytes that are no requests", () => {
  const mistakes = [
    {
      of: "another type",
      bytes: "*1\r\n+PING\r\n",
      says: /^-ERR Protocol error: expected '\$', got '\+'\r\n$/,
    },
    { of: "no number of arguments", bytes: "*x\r\n", says: /invalid multibulk length\r\n$/ },
    { of: "too many arguments", bytes: "*2147483648\r\n", says: /invalid multibulk length\r\n$/ },
    { of: "no length", bytes: "*1\r\n$x\r\n", says: /invalid bulk length\r\n$/ },
    { of: "an oversized bulk", bytes: "*1\r\n$536870913\r\n", says: /invalid bulk length\r\n$/ },
    { of: "an endless line", bytes: "x".repeat(8 << 20), says: /too big inline request\r\n$/ },
    { of: "an open quote", bytes: 'PING "x\r\n', says: /unbalanced quotes in request\r\n$/ },
  ];
  for (const { of, bytes, says } of mistakes) {
    it(`of ${of} end their connection and no other`, async () => {
      await using server = await start();
      const client = await RawClient.open(server.port);
      const witness = await RawClient.open(server.port);
      assert.equal(await witness.ask("PING\r\n"), "+PONG\r\n");
      client.write("PING\r\n");
      client.write(bytes);
      assert.equal(await client.reply(), "+PONG\r\n");
      assert.match(await client.rest(), says);
      assert.equal(await witness.ask("PING\r\n"), "+PONG\r\n");
      witness.close();
      await assertServes(server);
    });
  }

  for (const line of ["POST / HTTP/1.1", "Host: localhost:6379", "host: x"]) {
    it(`but of HTTP (${line}) end their connection without a word`, async () => {
      await using server = await start();
      const client = await RawClient.open(server.port);
      client.write(`XADD s 1-1 a 1\r\n${line}\r\nXADD s 2-1 a 1\r\n`);
      assert.equal(await client.rest(), "$3\r\n1-1\r\n");
      assert.equal(await server.client().xLen("s"), 1, "what came behind is not run");
    });
  }

  const strangers = [
    { of: "many arguments", bytes: "*11\r\n", says: /: unauthenticated multibulk length\r\n$/ },
    { of: "a long one", bytes: "*1\r\n$16385\r\n", says: /: unauthenticated bulk length\r\n$/ },
  ];
  for (const { of, bytes, says } of strangers) {
    it(`of ${of} are too much from who has not said who he is`, async () => {
      await using server = await createServer({ port: 0, requirepass: "secret" }).listen();
      const client = await RawClient.open(server.port);
      client.write(bytes);
      assert.match(await client.rest(), says);
      const known = await RawClient.open(server.port);
      const value = "x".repeat(20_000);
      const echo = request("ECHO", value);
      assert.equal(await known.ask("AUTH secret\r\n"), "+OK\r\n");
      assert.equal(await known.ask(echo), `$20000\r\n${value}\r\n`);
      known.close();
    });
  }

  it("and what comes behind them is not run", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    client.write(`*1\r\n+PING\r\nXADD s 1-1 a 1\r\n`);
    assert.match(await client.rest(), /^-ERR Protocol error[^\r]*\r\n$/);
    assert.equal(await server.client().xLen("s"), 0);
  });
});

describe("who does not read", () => {
  it("is not read from, and disturbs nobody", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    client.socket.pause();
    const most = 100;
    const echo = request("ECHO", "x".repeat(1 << 20));
    const taken = await client.writeUntilStill(echo, most);
    assert.ok(taken < most / 2, `${taken} requests were taken`);
    await assertServes(server);
    client.socket.resume();
    for (let got = 0; got <= taken; got++)
      assert.equal((await client.replyBytes()).length, (1 << 20) + 12);
    client.close();
  });

  it("has as many replies made as it takes, however many requests came at once", async () => {
    await using server = await start();
    await server.client().xAdd("s", "1-1", { a: "x".repeat(1 << 20) });
    const client = await RawClient.open(server.port);
    client.socket.pause();
    const count = 1000;
    const before = process.memoryUsage().arrayBuffers;
    client.write("XRANGE s - +\r\n".repeat(count));
    await assertServes(server);
    await sleep(200);
    const heapedBytes = process.memoryUsage().arrayBuffers - before;
    assert.ok(heapedBytes < 100 << 20, `${heapedBytes >> 20} MiB for one client`);
    client.socket.resume();
    for (let got = 0; got < count; got++) assert.ok((await client.replyBytes()).length > 1 << 20);
    assert.equal(await client.ask("PING\r\n"), "+PONG\r\n");
    client.close();
  });

  it("is closed when others' doings heap up for it", async () => {
    const events: string[] = [];
    await using server = await start((event) => events.push(event));
    const [client, speaker] = [
      await RawClient.open(server.port),
      await RawClient.open(server.port),
    ];
    await client.ask("SUBSCRIBE news\r\n");
    client.socket.pause();
    const publish = request("PUBLISH", "news", "x".repeat(1 << 20));
    const most = (limits.laggardBytes >> 20) + 20;
    for (let i = 1; i <= most; i++) assert.match(await speaker.ask(publish), /^:[01]\r\n$/);
    assert.equal(await speaker.ask(publish), ":0\r\n");
    speaker.close();
    assert.match(events.at(-1) ?? "", /^closed 127\.0\.0\.1:\d+, which left too much unread$/);
    assert.equal(events.filter((event) => event.startsWith("closed")).length, 1);
    client.close();
    await assertServes(server);
  });
});

describe("many connections", () => {
  it("are served at once, and woken by one entry", async () => {
    await using server = await start();
    const clients: RawClient[] = [];
    for (let i = 0; i < 1000; i++) clients.push(await RawClient.open(server.port));
    for (const client of clients) client.write(request("XREAD", "BLOCK", "0", "STREAMS", "s", "$"));
    assert.equal(await other(server, "XADD s 1-1 a 1\r\n"), "$3\r\n1-1\r\n");
    const replies = await Promise.all(clients.map((client) => client.reply()));
    assert.equal(new Set(replies).size, 1);
    assert.match(replies[0] ?? "", /1-1/);
    for (const client of clients) client.reset();
    await assertServes(server);
  });

  it("may break off anywhere", async () => {
    await using server = await start();
    const bytes = Buffer.concat([
      request("XADD", "s", "*", "a", "1"),
      request("XRANGE", "s", "-", "+"),
    ]);
    for (let at = 0; at < bytes.length; at++) {
      const client = await RawClient.open(server.port);
      client.write(bytes.subarray(0, at));
      if (at % 3 > 0) await settle();
      client.reset();
    }
    await assertServes(server);
  });
});

describe("listening", () => {
  it("is refused where others could reach it without a password", async () => {
    for (const host of ["0.0.0.0", "::", "192.0.2.1"]) {
      await assert.rejects(createServer({ host, port: 0 }).listen(), (error) => {
        assert.ok(error instanceof ListenError);
        assert.match(error.message, /^refused to listen on .* without a password: .*requirepass/);
        return true;
      });
    }
  });

  it("is possible under any name of this machine alone", async () => {
    for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
      await using server = await createServer({ host, port: 0 }).listen();
      assert.match(server.address, /^(127\.0\.0\.1|127\.1\.2\.3|localhost|\[::1\]):\d+$/);
    }
  });

  it("fails in words where somebody else listens, or nobody can", async () => {
    await using server = await start();
    const { port } = server;
    await assert.rejects(createServer({ port }).listen(), {
      code: "LISTEN",
      message: `cannot listen on 127.0.0.1:${port}: another program listens there; stop it or choose another port`,
    });
    await assert.rejects(createServer({ host: "no-such-host.invalid" }).listen(), {
      code: "LISTEN",
      message: /there is no such address/,
    });
    await assertServes(server);
  });

  it("ends with close, for everybody", async () => {
    const events: string[] = [];
    const server = await start((event) => events.push(event));
    const { port } = server;
    const waiting = await RawClient.open(port);
    waiting.write(request("XREAD", "BLOCK", "0", "STREAMS", "s", "$"));
    assert.equal(await other(server, "PING\r\n"), "+PONG\r\n");
    const db = server.client();
    await Promise.all([server.close(), server.close()]);
    assert.equal(await waiting.rest(), "");
    await assert.rejects(db.xLen("s"), { code: "CLOSED" });
    await assert.rejects(RawClient.open(port), { code: "ECONNREFUSED" });
    assert.equal(await server.ended, undefined);
    assert.match(events[0] ?? "", /^listening on 127\.0\.0\.1:\d+$/);
  });
});
