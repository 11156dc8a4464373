/** Streams of the Worker followed as Server-Sent Events and over sockets, while it is killed. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { EventSource } from "eventsource";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { createToken } from "../../pkg/src/http/tokens.ts";
import { Reader } from "../events-reader.ts";
import { TOKEN, Workerd } from "./workerd.ts";

const KILLS = 3;
const ENTRIES = 20;

describe("events of a Worker's stream", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start();
  });
  after(() => server[Symbol.asyncDispose]());

  const eventsAt = (key: string, query: string) =>
    new URL(`/v1/streams/${key}/events?${query}`, server.address);
  const token = encodeURIComponent(TOKEN);

  test("miss nothing and come once, although the Worker is killed", async () => {
    const source = new EventSource(eventsAt("followed", `from=0&token=${token}`));
    const ids: string[] = [];
    const all = Promise.withResolvers<void>();
    const expected: string[] = [];
    source.addEventListener("message", ({ lastEventId }) => {
      if (ids.push(lastEventId) === KILLS * ENTRIES) all.resolve();
    });
    for (let round = 0; round < KILLS; round++) {
      for (let n = 0; n < ENTRIES; n++) {
        const id = `${round * ENTRIES + n + 1}-0`;
        await server.result("XADD", "followed", id, "n", n);
        expected.push(id);
      }
      await server.kill();
      await server.restart();
    }
    await all.promise;
    source.close();
    assert.deepEqual(ids, expected);
  });

  test("reach all who follow, each in a request of its own, also when some leave", async () => {
    const query = `token=${token}`;
    const readers = await Promise.all(
      Array.from({ length: 20 }, () => Reader.begun(eventsAt("shared", query))),
    );
    const expected: string[] = [];
    for (let n = 1; n <= 10; n++) {
      await server.result("XADD", "shared", `${n}-0`, "n", n);
      expected.push(`${n}-0`);
      await Promise.all(readers.map((reader) => reader.has(n)));
      // Sooner or later it is the one who reads for the others.
      readers.shift()?.leave();
    }
    for (const reader of readers) {
      assert.deepEqual(reader.ids, expected);
      reader.leave();
    }
  });

  test("tell of a gap, and go on behind it", async () => {
    for (let n = 1; n <= 4; n++) await server.result("XADD", "trimmed", `${n}-0`, "n", n);
    await server.result("XTRIM", "trimmed", "MAXLEN", 2);
    const response = await fetch(eventsAt("trimmed", `from=1-0&fields=n&token=${token}`));
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(bytes, { stream: true });
      if (text.includes("id: 4-0")) break;
    }
    assert.match(text, /event: gap\ndata: \{"after":"1-0","first":"3-0"\}\n\nid: 3-0\n/);
  });

  test("are for those whose token allows the key", async () => {
    const scoped = await createToken(TOKEN, { readOnly: true, prefixes: ["followed"] });
    for (const [key, status] of [
      ["followed", 200],
      ["trimmed", 403],
    ] as const) {
      const response = await fetch(eventsAt(key, `token=${scoped}`));
      assert.equal(response.status, status, key);
      await response.body?.cancel();
    }
    assert.equal((await fetch(eventsAt("followed", "token=wrong"))).status, 401);
  });

  test("a read over a socket waits on although the Worker is killed", async () => {
    const address = server.address.replace("http", "ws");
    await using db = await Eddyline.open(address, { token: TOKEN });
    await db.xAdd("waited", "1-0", { f: "v" });
    const waiting = db.xRead({ key: "waited", id: "$" }, { BLOCK: 0 });
    assert.equal(await db.xLen("waited"), 1);
    await server.kill();
    await server.restart();
    assert.equal(await db.xLen("waited"), 1);
    await db.xAdd("waited", "2-0", { f: "v" });
    assert.equal((await waiting)?.[0]?.messages[0]?.id, "2-0");
  });

  test("are counted for Prometheus", async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(new URL("/metrics?match=trimmed", server.address), { headers });
    assert.equal(response.status, 200);
    const text = await response.text();
    assert.match(text, /^redis_stream_length\{db="db0",stream="trimmed"\} 2$/m);
    const rows = async () => {
      const response = await fetch(new URL("/metrics?match=%7Brows%7D*", server.address), {
        headers,
      });
      const found = [
        ...(await response.text()).matchAll(/^eddyline_object_rows.*\{(.*)\} (\d+)$/gm),
      ];
      return found.map(([, labels, count]) => [labels, Number(count)] as const);
    };
    for (const key of ["{rows}a", "{rows}b"]) await server.result("XADD", key, "*", "f", "v");
    const [[labels, before] = ["", 0], ...others] = await rows();
    assert.deepEqual([labels, others.length], ['object="rows"', 0], "of both, once");
    for (let n = 0; n < 10; n++) await server.result("XADD", "{rows}a", "*", "f", "v");
    assert.equal((await rows())[0]?.[1], before + 10);
  });
});
