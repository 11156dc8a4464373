/** The client over HTTP, against a server of this test's own that answers what it is told to. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClosedError, CommandError, Eddyline, TransportError } from "../src/entry/node.ts";
import { ReplyReader, readText } from "../src/resp.ts";

const HELLO = "%1\r\n$5\r\nproto\r\n:3\r\n";

/** A client, the commands of each of its HTTP requests, and the next responses. */
async function open(...responses: (string | Response | Error)[]) {
  const requests: string[][] = [];
  const headers: Headers[] = [];
  const db = await Eddyline.open("https://example.test/", {
    token: "secret",
    fetch: async (request) => {
      requests.push(commandsOf(new Uint8Array(await request.arrayBuffer())));
      headers.push(request.headers);
      const response = responses.shift() ?? new Error("no response is left");
      if (typeof response === "string") return respond(HELLO + response);
      if (response instanceof Error) throw response;
      return response;
    },
  });
  return { db, requests, headers };
}

function respond(body: string): Response {
  return new Response(body, { headers: { "content-type": "application/octet-stream" } });
}

function commandsOf(body: Uint8Array): string[] {
  const reader = new ReplyReader(body);
  const commands: string[] = [];
  while (!reader.done) commands.push((reader.value(readText) as string[]).join(" "));
  return commands;
}

describe("the client over HTTP", () => {
  it("sends the calls of one moment in one request, with the token", async () => {
    const { db, requests, headers } = await open("$3\r\n1-1\r\n:1\r\n-ERR no\r\n");
    const calls = [db.xAdd("s", "*", { a: "1" }), db.xLen("s"), db.xLen("s")] as const;
    const refused = assert.rejects(calls[2], new CommandError("ERR no"));
    assert.deepEqual(await Promise.all([calls[0], calls[1]]), ["1-1", 1]);
    await refused;
    assert.deepEqual(requests, [["HELLO 3", "XADD s * a 1", "XLEN s", "XLEN s"]]);
    assert.equal(headers[0]?.get("authorization"), "Bearer secret");
    assert.equal(headers[0]?.get("content-type"), "application/octet-stream");
    await db.close();
  });

  it("has one request under way and collects for the next", async () => {
    const { db, requests } = await open(":1\r\n", ":2\r\n:3\r\n");
    const first = db.xLen("a");
    await new Promise((resolve) => setTimeout(resolve, 0));
    const rest = [db.xLen("b"), db.xLen("c")];
    assert.deepEqual(await Promise.all([first, ...rest]), [1, 2, 3]);
    assert.deepEqual(
      requests.flat().filter((command) => command !== "HELLO 3"),
      ["XLEN a", "XLEN b", "XLEN c"],
    );
    await db.close();
  });

  it("lets a read that waits behind what was called before", async () => {
    // However often the read asks again within its time.
    const { db, requests } = await open("$3\r\n1-1\r\n", ...Array<string>(100).fill("_\r\n"));
    const added = db.xAdd("s", "1-1", { a: "1" });
    const read = db.xRead({ key: "s", id: "1-1" }, { BLOCK: 1 });
    assert.deepEqual([await added, await read], ["1-1", null]);
    const sent = requests.map(([, command]) => command?.split(" ")[0]);
    assert.deepEqual([...new Set(sent)], ["XADD", "XREAD"]);
    await db.close();
  });

  it("sends a read that waits although calls keep coming behind it", async () => {
    const sent: (string | undefined)[] = [];
    const db = await Eddyline.open("https://example.test/", {
      fetch: async (request) => {
        const [, ...commands] = commandsOf(new Uint8Array(await request.arrayBuffer()));
        sent.push(commands[0]);
        const replies = commands.map((command) => (command === "XLEN s" ? ":1\r\n" : "_\r\n"));
        return respond(HELLO + replies.join(""));
      },
    });
    let call = db.xLen("s");
    const read = db.xRead({ key: "s", id: "1-1" }, { BLOCK: 1 });
    for (let calls = 0; !sent.some((command) => command?.startsWith("XREAD")); calls++) {
      assert.ok(calls < 100, "the read was not sent");
      const next = db.xLen("s");
      await call;
      call = next;
    }
    assert.deepEqual([await call, await read], [1, null]);
    await db.close();
  });

  it("lets a signal end a read before its turn has come", async () => {
    const db = await Eddyline.open("https://example.test/", { fetch: () => new Promise(() => {}) });
    void db.xLen("s");
    const waits = new AbortController();
    const read = db.xRead({ key: "s", id: "$" }, { BLOCK: 0, signal: waits.signal });
    waits.abort(new Error("enough"));
    await assert.rejects(read, new Error("enough"));
  });

  it("leaves a BLOCK that is no time to the Worker", async () => {
    const { db, requests } = await open("-ERR timeout is not an integer or out of range\r\n");
    const read = db.xRead({ key: "s", id: "1-1" }, { BLOCK: 1.5 });
    await assert.rejects(read, CommandError);
    assert.deepEqual(requests[0]?.[1], "XREAD BLOCK 1.5 STREAMS s 1-1");
    await db.close();
  });

  it("fails only the call whose arguments are wrong", async () => {
    const { db } = await open(":2\r\n");
    const wrong = db.xDel("s", [7 as unknown as string]);
    const right = db.xLen("s");
    await assert.rejects(wrong, TypeError);
    assert.equal(await right, 2);
    await db.close();
  });

  it("fails only the call whose reply is not what its command promises", async () => {
    const { db } = await open("*2\r\n+no\r\n+number\r\n:2\r\n");
    const calls = [db.xLen("s"), db.xLen("s")] as const;
    await assert.rejects(calls[0], { code: "PROTOCOL" });
    assert.equal(await calls[1], 2);
    await db.close();
  });

  it("asks again for what is left of a wait, `$` meaning the same each time", async () => {
    const entry = "%1\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n5-2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n";
    const last = "*1\r\n*2\r\n$3\r\n5-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n";
    const { db, requests } = await open(`${last}*0\r\n`, "_\r\n", entry);
    const streams = [
      { key: "s", id: "$" },
      { key: "t", id: "$" },
    ];
    const read = await db.xRead(streams, { BLOCK: 0 });
    assert.equal(read?.[0]?.messages[0]?.id, "5-2");
    assert.deepEqual(requests, [
      ["HELLO 3", "XREVRANGE s + - COUNT 1", "XREVRANGE t + - COUNT 1"],
      ["HELLO 3", "XREAD BLOCK 0 STREAMS s t 5-1 0-0"],
      ["HELLO 3", "XREAD BLOCK 0 STREAMS s t 5-1 0-0"],
    ]);
    await db.close();
  });

  it("ends a wait by its signal and by closing", async () => {
    const hang = (request: Request) =>
      new Promise<Response>((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
      });
    const db = await Eddyline.open("https://example.test/", { fetch: hang });
    const signal = AbortSignal.timeout(5);
    await assert.rejects(db.xRead({ key: "s", id: "0" }, { BLOCK: 0, signal }), {
      name: "TimeoutError",
    });
    const closed = assert.rejects(db.xRead({ key: "s", id: "0" }, { BLOCK: 0 }), ClosedError);
    await db.close();
    await closed;
    await assert.rejects(db.ping(), ClosedError);
  });

  it("says what the Worker said, and that it could not be reached", async () => {
    const denied = Response.json({ error: "Unauthorized" }, { status: 401 });
    const { db } = await open(denied, new TypeError("fetch failed"), ":1\r\n", respond("*1\r\n:"));
    await assert.rejects(db.xLen("s"), (error) => {
      assert.ok(error instanceof TransportError);
      assert.deepEqual(
        [error.status, error.message],
        [401, "the server answered 401: Unauthorized"],
      );
      return true;
    });
    await assert.rejects(db.xLen("s"), /could not be reached: fetch failed/);
    assert.equal(await db.xLen("s"), 1);
    await assert.rejects(db.xLen("s"), /did not send one reply to each command/);
    await db.close();
  });
});
