/** The server over real sockets. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createServer } from "../../pkg/src/server/index.ts";
import { RawClient } from "./server-socket.ts";

const start = () => createServer({ port: 0 }).listen();

describe("a server", () => {
  it("answers a client, in both protocols and inline", async () => {
    await using server = await start();
    const client = await RawClient.open(server.port);
    assert.equal(await client.ask("PING\r\n"), "+PONG\r\n");
    const add = "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$3\r\n1-1\r\n$1\r\na\r\n$1\r\n1\r\n";
    assert.equal(await client.ask(add), "$3\r\n1-1\r\n");
    assert.match(await client.ask("HELLO 3\r\n"), /^%/);
    assert.equal(await client.ask("XREAD STREAMS none 0\r\n"), "_\r\n");
    assert.equal(await server.client().xLen("s"), 1);
    client.close();
  });

  it("answers what came in any pieces, in order", async () => {
    await using server = await start();
    const bytes = "*2\r\n$4\r\nPING\r\n$5\r\nfirst\r\nPING second\r\n*1\r\n$4\r\nPING\r\n";
    for (let at = 1; at < bytes.length; at++) {
      const client = await RawClient.open(server.port);
      client.write(bytes.slice(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      client.write(bytes.slice(at));
      const replies = [await client.reply(), await client.reply(), await client.reply()];
      assert.deepEqual(replies, ["$5\r\nfirst\r\n", "$6\r\nsecond\r\n", "+PONG\r\n"]);
      client.close();
    }
  });
});
