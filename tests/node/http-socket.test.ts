/** Sessions over WebSockets, with the platform's own WebSocket and with `ws`. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it, mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket as WsSocket } from "ws";
import { encodeRequests, replyEnd } from "../../pkg/src/framing.ts";
import { type Backend, UnavailableError } from "../../pkg/src/http/backend.ts";
import type { Attach } from "../../pkg/src/http/call.ts";
import { handle } from "../../pkg/src/http/handler.ts";
import * as limits from "../../pkg/src/limits.ts";
import { EngineBackend } from "../../pkg/src/server/engine-backend.ts";
import { createToken } from "../../pkg/src/server/index.ts";
import { offeredProtocols } from "../../pkg/src/subprotocols.ts";
import { HttpHost, TOKEN } from "./http-host.ts";

/** A socket of the platform, which has no headers, and the replies that came. */
class Client {
  readonly socket: WebSocket;
  #bytes = Buffer.alloc(0);
  #arrived = Promise.withResolvers<void>();

  constructor(host: HttpHost, token: string | undefined = TOKEN) {
    const url = `${host.address.replace("http", "ws")}/v1/connect`;
    this.socket = new WebSocket(url, offeredProtocols(token));
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("message", ({ data }) => {
      this.#bytes = Buffer.concat([this.#bytes, new Uint8Array(data as ArrayBuffer)]);
      this.#arrived.resolve();
    });
    this.socket.addEventListener("error", () => {});
  }

  async opened(): Promise<this> {
    if (this.socket.readyState !== WebSocket.OPEN) await once(this.socket, "open");
    return this;
  }

  send(...commands: string[][]): void {
    this.socket.send(encodeRequests(commands));
  }

  async reply(): Promise<string> {
    for (;;) {
      const end = this.#bytes.byteLength === 0 ? -1 : replyEnd(this.#bytes, 0);
      if (end > 0) {
        const reply = this.#bytes.subarray(0, end).toString();
        this.#bytes = this.#bytes.subarray(end);
        return reply;
      }
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }

  async ask(...command: string[]): Promise<string> {
    this.send(command);
    return await this.reply();
  }

  async closed(): Promise<CloseEvent> {
    const [event] = (await once(this.socket, "close")) as [CloseEvent];
    return event;
  }
}

/** A socket on which nothing comes. */
class IdleSocket {
  closed: number | undefined;

  readonly attach = (take: Attach): Response => {
    take({
      send: () => {},
      close: (code) => {
        this.closed = code;
      },
      addEventListener: () => {},
    });
    return new Response(null);
  };
}

describe("a WebSocket", () => {
  let host: HttpHost;
  before(async () => {
    host = await HttpHost.start();
  });
  after(() => host[Symbol.asyncDispose]());

  const open = (token?: string) => new Client(host, token).opened();
  const connected = async () => {
    const info = (await host.result("INFO", "clients")) as string;
    return Number(/connected_clients:(\d+)/.exec(info)?.[1]);
  };

  it("carries pipelines, wherever they are cut", async () => {
    const client = await open();
    assert.equal(client.socket.protocol, "eddyline");
    client.send(["PING"], ["XADD", "s", "1-1", "f", "v"], ["XLEN", "s"]);
    assert.equal(await client.reply(), "+PONG\r\n");
    assert.equal(await client.reply(), "$3\r\n1-1\r\n");
    assert.equal(await client.reply(), ":1\r\n");
    for (const byte of encodeRequests([["ECHO", "piecemeal"]]))
      client.socket.send(Uint8Array.of(byte));
    assert.equal(await client.reply(), "$9\r\npiecemeal\r\n");
    client.socket.close();
  });

  it("is a session: it waits, listens and has transactions", async () => {
    const [reader, writer] = [await open(), await open()];
    assert.match(await reader.ask("HELLO", "3"), /^%/);
    reader.send(["XREAD", "BLOCK", "0", "STREAMS", "wait", "$"], ["PING"]);
    while (!/blocked_clients:1/.test((await host.result("INFO", "clients")) as string));
    await writer.ask("XADD", "wait", "1-1", "f", "v");
    assert.match(await reader.reply(), /^%1\r\n\$4\r\nwait/);
    assert.equal(await reader.reply(), "+PONG\r\n");
    assert.match(await reader.ask("SUBSCRIBE", "news"), /^>3\r\n\$9\r\nsubscribe/);
    assert.equal(await writer.ask("PUBLISH", "news", "hello"), ":1\r\n");
    assert.match(await reader.reply(), /^>3\r\n\$7\r\nmessage\r\n\$4\r\nnews\r\n\$5\r\nhello/);
    assert.equal(await reader.ask("MULTI"), "+OK\r\n");
    assert.equal(await reader.ask("XLEN", "wait"), "+QUEUED\r\n");
    assert.equal(await reader.ask("EXEC"), "*1\r\n:1\r\n");
    reader.socket.close();
    writer.socket.close();
  });

  it("ends its session with itself, and itself with its session", async () => {
    while ((await connected()) > 0);
    const client = await open();
    await client.ask("PING");
    assert.equal(await connected(), 1);
    const closed = client.closed();
    client.send(["QUIT"]);
    assert.equal(await client.reply(), "+OK\r\n");
    assert.equal((await closed).code, 1000);
    assert.equal(await connected(), 0);
    const other = await open();
    await other.ask("PING");
    other.socket.close();
    while ((await connected()) > 0);
  });

  it("is refused without a token, and bound by one", async () => {
    for (const token of [undefined, "wrong"]) {
      const client = new Client(host, token ?? "");
      await once(client.socket, "error");
    }
    const token = await createToken(TOKEN, { readOnly: true, prefixes: ["a:"] });
    const client = await open(token);
    assert.match(await client.ask("XADD", "a:1", "*", "f", "v"), /^-NOPERM /);
    assert.match(await client.ask("XLEN", "b:1"), /^-NOPERM /);
    assert.equal(await client.ask("XLEN", "a:1"), ":0\r\n");
    client.socket.close();
    const plain = await host.fetch("/v1/connect");
    assert.equal(plain.status, 426);
  });

  /** A client made for TCP, on a socket without protocols or headers. */
  const stranger = async () => {
    const socket = new WsSocket(`${host.address.replace("http", "ws")}/v1/connect`);
    await once(socket, "open");
    const ask = async (...commands: string[][]) => {
      socket.send(encodeRequests(commands));
      const [data] = (await once(socket, "message")) as [Buffer];
      return data.toString();
    };
    return { socket, ask };
  };

  it("says who it is by its first commands, if it has not before", async () => {
    const { socket, ask } = await stranger();
    assert.equal(await ask(["XLEN", "s"]), "-NOAUTH Authentication required.\r\n");
    assert.match(await ask(["HELLO", "3"]), /^-NOAUTH HELLO must be called with/);
    assert.match(await ask(["AUTH", "wrong"]), /^-WRONGPASS /);
    assert.match(await ask(["AUTH", "somebody", TOKEN]), /^-WRONGPASS /);
    assert.equal(await ask(["XLEN", "s"]), "-NOAUTH Authentication required.\r\n");
    assert.equal(await ask(["AUTH", TOKEN]), "+OK\r\n");
    assert.equal(await ask(["XLEN", "none"]), ":0\r\n");
    socket.close();
    const other = await stranger();
    const hello = ["HELLO", "3", "AUTH", "default", TOKEN, "SETNAME", "me"];
    assert.match(await other.ask(hello), /^%\d+\r\n\$6\r\nserver/);
    assert.equal(await other.ask(["CLIENT", "GETNAME"]), "$2\r\nme\r\n");
    other.socket.close();
  });

  it("may do what the token of its first command says", async () => {
    const token = await createToken(TOKEN, { readOnly: true });
    const { socket, ask } = await stranger();
    for (const byte of encodeRequests([["AUTH", "default", token]]).slice(0, -1))
      socket.send(Uint8Array.of(byte));
    const all = once(socket, "message");
    socket.send(Uint8Array.of(10));
    assert.equal(String(((await all) as [Buffer])[0]), "+OK\r\n");
    assert.match(await ask(["SET", "k", "v"]), /^-NOPERM /);
    socket.close();
    // It goes before what the handshake has said, if it comes first.
    const client = await open();
    assert.equal(await client.ask("AUTH", token), "+OK\r\n");
    assert.match(await client.ask("SET", "k", "v"), /^-NOPERM /);
    client.socket.close();
  });

  it("is closed when nobody says who it is, or what it sends is no request", async () => {
    const { socket, ask } = await stranger();
    assert.equal(await ask(["QUIT"]), "+OK\r\n");
    await once(socket, "close");
    for (const bytes of ["PING\r\n", `*1\r\n$${1 << 20}\r\n${"x".repeat(limits.greetingBytes)}`]) {
      const other = await stranger();
      const closed = once(other.socket, "close");
      other.socket.send(Buffer.from(bytes));
      await closed;
    }
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const idle = new IdleSocket();
      const door = { backend: {} as Backend, token: TOKEN, upgrade: idle.attach };
      const headers = { upgrade: "websocket" };
      await handle(new Request("http://host/v1/connect", { headers }), door);
      mock.timers.tick(limits.greetingMs - 1);
      assert.equal(idle.closed, undefined);
      mock.timers.tick(1);
      assert.equal(idle.closed, 1008);
    } finally {
      mock.timers.reset();
    }
  });

  it("ends when its token does", async () => {
    const token = await createToken(TOKEN, { expiresAtMs: Date.now() + 3000 });
    const client = await open(token);
    const { code, reason } = await client.closed();
    assert.deepEqual([code, reason], [1008, "the token has expired"]);
  });

  it("takes the token in the header, where there is one", async () => {
    const url = `${host.address.replace("http", "ws")}/v1/connect`;
    const socket = new WsSocket(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    await once(socket, "open");
    socket.send(encodeRequests([["PING"]]));
    const [data] = (await once(socket, "message")) as [Buffer];
    assert.equal(data.toString(), "+PONG\r\n");
    socket.close();
  });

  it("is closed for what is no message of ours", async () => {
    const client = await open();
    const closed = client.closed();
    client.socket.send("PING\r\n");
    assert.equal((await closed).code, 1008);
    const large = await open();
    const cut = large.closed();
    large.socket.send(new Uint8Array(limits.socketMessageBytes + 1));
    assert.ok([1006, 1009].includes((await cut).code));
  });

  it("is closed when what it sends is never a whole request", async () => {
    const client = await open();
    const closed = client.closed();
    const piece = new Uint8Array(limits.socketMessageBytes);
    client.socket.send(new TextEncoder().encode("*1\r\n$500000000\r\n"));
    for (let sent = 0; sent <= limits.unansweredBytes; sent += piece.byteLength)
      client.socket.send(piece);
    const { code, reason } = await closed;
    assert.deepEqual([code, reason], [1011, "ERR too much unanswered input"]);
  });

  it("is one of so many", async () => {
    const backend = new EngineBackend(() => Promise.reject(new Error("not asked")), 0);
    const requests = encodeRequests([["PING"]]);
    const { signal } = new AbortController();
    await assert.rejects(backend.run(requests, { rules: [] }, signal), UnavailableError);
    const closed = Promise.withResolvers<string | undefined>();
    backend.connect({ send: () => {}, close: closed.resolve }, { rules: [] });
    assert.match((await closed.promise) ?? "", /there are 0 sessions over HTTP already/);
  });

  it("does not run ahead of who does not read", async () => {
    const url = `${host.address.replace("http", "ws")}/v1/connect`;
    const socket = new WsSocket(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    await once(socket, "open");
    await host.result("SET", "big", "x".repeat(1 << 19));
    socket.pause();
    const wanted = 200;
    socket.send(encodeRequests(Array.from({ length: wanted }, () => ["GET", "big"])));
    const calls = async () => {
      const stats = (await host.result("INFO", "commandstats")) as string;
      return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    let [earlier, now] = [-1, await calls()];
    while (earlier !== now || now === 0) {
      await sleep(100);
      [earlier, now] = [now, await calls()];
    }
    assert.ok(now < wanted / 2, `${now} of ${wanted} were run`);
    let bytes = 0;
    const all = Promise.withResolvers<void>();
    socket.on("message", (data: Buffer) => {
      bytes += data.byteLength;
      if (bytes > wanted << 19) all.resolve();
    });
    socket.resume();
    await all.promise;
    socket.terminate();
  });
});
