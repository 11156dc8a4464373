/** The client over WebSockets, against a server that comes and goes. */

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  connect,
  createServer as createProxy,
  type Server as Listener,
  type Socket,
} from "node:net";
import { after, before, describe, it } from "node:test";
import { CommandError, Eddyline, TransportError } from "../../pkg/src/entry/node.ts";
import { readText } from "../../pkg/src/resp.ts";
import { SocketTransport } from "../../pkg/src/sockets.ts";
import { HttpHost, TOKEN } from "./http-host.ts";

/** A way to a server that can be cut, and closed for a while. */
class Way {
  readonly #proxy: Listener;
  readonly #sockets = new Set<Socket>();
  #isOpen = true;
  /** Bytes that come back from the server are lost. */
  isDeaf = false;
  connections = 0;

  private constructor(target: number) {
    this.#proxy = createProxy((near) => {
      this.connections++;
      if (!this.#isOpen) {
        near.resetAndDestroy();
        return;
      }
      const far = connect(target, "127.0.0.1");
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.on("data", (bytes) => {
        if (!this.isDeaf) near.write(bytes);
      });
    });
  }

  static async to(host: HttpHost): Promise<Way> {
    const way = new Way(host.server.httpPort);
    way.#proxy.listen(0, "127.0.0.1");
    await once(way.#proxy, "listening");
    return way;
  }

  get port(): number {
    return (this.#proxy.address() as { port: number }).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  set isOpen(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  [Symbol.dispose](): void {
    this.cut();
    this.#proxy.close();
  }
}

describe("the client over a WebSocket", () => {
  let host: HttpHost;
  before(async () => {
    host = await HttpHost.start();
  });
  after(() => host[Symbol.asyncDispose]());

  const open = (way: Way, scheme = "ws") =>
    Eddyline.open(`${scheme}://127.0.0.1:${way.port}`, { token: TOKEN });
  const stat = async (section: string, name: string) => {
    const info = (await host.result("INFO", section)) as string;
    return Number(new RegExp(`${name}[:=](?:calls=)?(\\d+)`).exec(info)?.[1] ?? 0);
  };
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const isWaiting = async () => (await stat("clients", "blocked_clients")) === 1;

  it("has the same methods, in order and in one message", async () => {
    using way = await Way.to(host);
    await using db = await open(way);
    const calls = [db.xAdd("s", "1-1", { f: "v" }), db.xLen("s"), db.xAdd("s", "1-1", { f: "v" })];
    const [added, length, refused] = await Promise.allSettled(calls);
    assert.deepEqual(
      [added, length].map((call) => "value" in call! && call.value),
      ["1-1", 1],
    );
    assert.ok(refused?.status === "rejected" && refused.reason instanceof CommandError);
    assert.deepEqual(await db.multi().xLen("s").xAdd("s", "2-1", { f: "v" }).exec(), [1, "2-1"]);
    assert.equal(way.connections, 1);
  });

  it("waits without holding up others", async () => {
    using way = await Way.to(host);
    await using db = await open(way);
    const waiting = db.xRead({ key: "w", id: "$" }, { BLOCK: 0 });
    await until(isWaiting);
    await db.xAdd("w", "1-1", { f: "v" });
    assert.deepEqual((await waiting)?.[0]?.messages[0]?.id, "1-1");
    const leaving = new AbortController();
    const left = db.xRead({ key: "w", id: "$" }, { BLOCK: 0, signal: leaving.signal });
    await until(isWaiting);
    leaving.abort(new Error("enough"));
    await assert.rejects(left, /enough/);
    await until(async () => !(await isWaiting()));
  });

  it("comes back, and asks again what changes nothing", async () => {
    using way = await Way.to(host);
    await using db = await open(way);
    await db.xAdd("back", "1-1", { f: "v" });
    const waiting = db.xRead({ key: "back", id: "$" }, { BLOCK: 0 });
    await until(isWaiting);
    way.isOpen = false;
    way.cut();
    const length = db.xLen("back");
    await until(async () => !(await isWaiting()));
    // What was added meanwhile is not passed over: `$` has been found before.
    await host.result("XADD", "back", "2-1", "f", "v");
    way.isOpen = true;
    assert.equal((await waiting)?.[0]?.messages[0]?.id, "2-1");
    assert.equal(await length, 2);
  });

  it("does not send again what may have changed something, and says so", async () => {
    using way = await Way.to(host);
    await using db = await open(way);
    await db.ping();
    way.isDeaf = true;
    const add = db.xAdd("once", "*", { f: "v" });
    const transaction = db.multi().xAdd("once", "*", { f: "v" }).exec();
    const read = db.xLen("once");
    for (const lost of [add, transaction]) lost.catch(() => {});
    await until(async () => (await host.result("XLEN", "once")) === 2);
    way.isDeaf = false;
    way.cut();
    for (const lost of [add, transaction])
      await assert.rejects(
        lost,
        (error) => error instanceof TransportError && error.effect === "unknown",
      );
    assert.equal(await read, 2);
    assert.equal(await db.xLen("once"), 2);
  });

  it("says of what it could not send that nothing has happened", async () => {
    using way = await Way.to(host);
    await using db = await open(way);
    await db.ping();
    way.isOpen = false;
    way.cut();
    const noticing = assert.rejects(db.ping(), TransportError);
    await until(async () => way.connections > 1);
    await assert.rejects(
      db.xAdd("unsent", "*", { f: "v" }),
      (error) => error instanceof TransportError && error.effect === "none",
    );
    await noticing;
    way.isOpen = true;
    assert.equal(await db.xLen("unsent"), 0);
  });

  it("takes a connection for dead that says nothing", async () => {
    using way = await Way.to(host);
    const address = new URL(`ws://127.0.0.1:${way.port}/v1/connect`);
    const transport = new SocketTransport({ address, token: TOKEN, answerMs: 500 });
    const ask = (...argv: string[]) => transport.send(argv, readText);
    assert.equal(await ask("PING"), "PONG");
    way.isDeaf = true;
    const [harmless, write] = [ask("ECHO", "again"), ask("XADD", "dead", "*", "f", "v")];
    const lost = assert.rejects(write, TransportError);
    await until(async () => (await host.result("XLEN", "dead")) === 1);
    way.isDeaf = false;
    await lost;
    assert.equal(await harmless, "again");
    await transport.close();
  });

  it("says at once that its token is not valid", async () => {
    const address = host.address.replace("http", "ws");
    await using db = await Eddyline.open(address, { token: "wrong" });
    await assert.rejects(
      db.xAdd("s", "*", { f: "v" }),
      (error) => error instanceof TransportError && error.status === 401,
    );
  });

  it("is chosen by the client over HTTP for reads that wait", async () => {
    using way = await Way.to(host);
    await using db = await open(way, "http");
    await db.xAdd("polled", "1-1", { f: "v" });
    const waits = [1, 2, 3].map(() => db.xRead({ key: "polled", id: "$" }, { BLOCK: 0 }));
    await until(async () => (await stat("clients", "blocked_clients")) === 3);
    await db.xAdd("polled", "2-1", { f: "v" });
    for (const wait of waits) assert.equal((await wait)?.[0]?.messages[0]?.id, "2-1");
  });
});
