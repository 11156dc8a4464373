/** Socket.IO's adapter for Redis Streams: two of its servers, and no server of Redis. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "eddyline/ioredis";
import { createClient } from "eddyline/redis";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const PATIENCE_MS = 20_000;

interface Node {
  http: HttpServer;
  sockets: Server;
  close(): Promise<void>;
}

async function startNode(redis: { disconnect(): unknown }): Promise<Node> {
  const http = createServer();
  const adapter = createAdapter(redis, { blockTimeInMs: 100 });
  const sockets = new Server(http, { adapter, connectionStateRecovery: {} });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    http,
    sockets,
    async close() {
      await sockets.close();
      await redis.disconnect();
    },
  };
}

const CLIENTS = {
  "eddyline/ioredis": () => Promise.resolve(new Redis("memory://socket.io")),
  "eddyline/redis": () => createClient({ url: "memory://socket.io-2" }).connect(),
};

describe("@socket.io/redis-streams-adapter", () => {
  for (const [name, connect] of Object.entries(CLIENTS)) {
    it(`carries events from one server to the other's clients, over ${name}`, async () => {
      const nodes = [await startNode(await connect()), await startNode(await connect())] as const;
      const clients = nodes.map(({ http }) => {
        const { port } = http.address() as AddressInfo;
        return io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
      });
      const signal = AbortSignal.timeout(PATIENCE_MS);
      await Promise.all(clients.map((client) => once(client as never, "connect", { signal })));
      const [member] = await nodes[1].sockets.local.fetchSockets();
      member?.join("room");

      const heard = once(clients[1] as never, "order", { signal });
      // Between two reads of `$` the adapter misses what is said, with a Redis, too.
      const say = () => nodes[0].sockets.to("room").emit("order", "tea", Buffer.from([0, 255]));
      const saying = setInterval(say, 50);
      say();
      const [item, bytes] = await heard;
      clearInterval(saying);
      assert.deepEqual([item, [...bytes]], ["tea", [0, 255]]);
      assert.equal((await nodes[0].sockets.fetchSockets()).length, 2);

      for (const client of clients) client.close();
      for (const node of nodes) await node.close();
    });
  }
});
