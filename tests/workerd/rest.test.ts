/** The front door: statuses, forms of bodies and answers, who may come in. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { encodeRequests } from "../../pkg/src/framing.ts";
import * as limits from "../../pkg/src/limits.ts";
import { ReplyReader, readText } from "../../pkg/src/resp.ts";
import { TOKEN, Workerd } from "./workerd.ts";

describe("the front door", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  test("a command's reply is the result", async () => {
    const { status, body } = await server.run("XADD", "basics", "1-1", "f", "v");
    assert.deepEqual({ status, body }, { status: 200, body: { result: "1-1" } });
    assert.deepEqual(await server.run("XLEN", "basics"), { status: 200, body: { result: 1 } });
    assert.deepEqual(await server.run("PING"), { status: 200, body: { result: "PONG" } });
  });

  test("numbers and booleans in a command are texts", async () => {
    await server.result("XADD", "scalars", "1-1", "number", 1.5, "boolean", true);
    assert.deepEqual(await server.result("XRANGE", "scalars", "-", "+", "COUNT", 1), [
      ["1-1", ["number", "1.5", "boolean", "true"]],
    ]);
  });

  test("nil is null", async () => {
    assert.equal(await server.result("XREAD", "STREAMS", "nothing", "0"), null);
  });

  test("text of any alphabet comes back as it was", async () => {
    const key = "événements 事件 100%";
    await server.result("XADD", key, "1-1", "поле", "значение 🌊");
    assert.deepEqual(await server.result("XRANGE", key, "-", "+"), [
      ["1-1", ["поле", "значение 🌊"]],
    ]);
  });

  test("a refused command is 400 with Redis' text", async () => {
    const unknown = await server.run("NOSUCH", "x");
    assert.equal(unknown.status, 400);
    assert.match((unknown.body as { error: string }).error, /^ERR unknown command 'NOSUCH'/);
    const wrong = await server.run("XLEN");
    assert.deepEqual(wrong, {
      status: 400,
      body: { error: "ERR wrong number of arguments for 'xlen' command" },
    });
  });

  test("a key and an entry have bounds, and who exceeds them is told so", async () => {
    const key = "k".repeat(limits.keyBytes);
    assert.equal(await server.result("XADD", key, "1-1", "f", "v"), "1-1");
    const error = `ERR a key may have ${limits.keyBytes} bytes`;
    for (const argv of [
      ["XADD", `${key}k`, "1-1", "f", "v"],
      ["XLEN", `{t}${key}`],
      ["DEL", "short", `${key}k`],
      ["XREAD", "BLOCK", "0", "STREAMS", `${key}k`, "0"],
    ])
      assert.deepEqual(await server.run(...argv), { status: 400, body: { error } }, argv[0]);
    const answers = await server.pipeline([["PING"], ["XLEN", `${key}k`], ["XLEN", key]]);
    assert.deepEqual(answers, [{ result: "PONG" }, { error }, { result: 1 }]);
    const body = JSON.stringify([
      ["XLEN", key],
      ["XLEN", `${key}k`],
    ]);
    const refused = await server.post("/multi-exec", body);
    assert.equal(refused.status, 400);
    assert.ok(((await refused.json()) as { error: string }).error.includes(error));
    const large = "v".repeat(limits.objectEntryBytes - 1);
    assert.equal(await server.result("XADD", "large", "1-1", "f", large), "1-1");
    const { status, body: answer } = await server.run("XADD", "large", "2-1", "f", `${large}v`);
    assert.deepEqual([status, answer], [400, { error: "ERR Elements are too large to be stored" }]);
  });

  test("what would not fit memory is refused, and the object goes on", async () => {
    const value = "v".repeat(limits.objectEntryBytes / 2);
    for (let n = 1; n <= 8; n++) await server.result("XADD", "huge", `${n}-1`, "f", value + n);
    const error = "ERR the reply would exceed the engine's bound; ask for fewer";
    for (const argv of [
      ["XRANGE", "huge", "-", "+"],
      ["XREAD", "STREAMS", "huge", "0"],
      ["DUMP", "huge"],
    ])
      assert.deepEqual(await server.run(...argv), { status: 400, body: { error } }, argv[0]);
    const one = ["XRANGE", "huge", "-", "+", "COUNT", "1"];
    assert.equal(((await server.result(...one)) as unknown[]).length, 1);
    const answers = await server.pipeline(Array(8).fill(one));
    assert.deepEqual(answers.at(-1), { error });
    // Each object stays below its bound, and all together do not.
    const keys = Array.from({ length: 18 }, (_, n) => `huge ${n}`);
    for (const key of keys) await server.result("XADD", key, "1-1", "f", value);
    const all = keys.map((key) => ["XRANGE", key, "-", "+"]);
    const refused = await server.post("/pipeline", JSON.stringify(all));
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /the replies are longer than/);
    assert.equal(await server.result("XLEN", "huge"), 8);
  });

  test("an XADD that is sent twice with one key is there once", async () => {
    const send = async (): Promise<unknown> => {
      const headers = { "idempotency-key": "a request" };
      const response = await server.post("/", '["XADD","once","*","f","v"]', { headers });
      return await response.json();
    };
    assert.deepEqual(await send(), await send());
    assert.equal(await server.result("XLEN", "once"), 1);
  });

  test("a body that is no command is 400", async () => {
    for (const body of ["", "{", "{}", "[]", '"PING"', '["PING", null]', '["PING", ["x"]]']) {
      const response = await server.post("/", body);
      assert.equal(response.status, 400, body);
      assert.match(((await response.json()) as { error: string }).error, /^ERR /, body);
    }
  });

  test("a pipeline has an answer for each command, in order, over several objects", async () => {
    const commands: unknown[][] = [];
    const expected: unknown[] = [];
    for (let round = 1; round <= 50; round++) {
      for (const key of ["left", "right", "{left}too"]) {
        commands.push(["XADD", key, `${round}-1`, "f", round], ["XLEN", key]);
        expected.push({ result: `${round}-1` }, { result: round });
      }
      commands.push(["PING"], ["XLEN"]);
      expected.push(
        { result: "PONG" },
        { error: "ERR wrong number of arguments for 'xlen' command" },
      );
    }
    assert.deepEqual(await server.pipeline(commands), expected);
    assert.deepEqual(await server.pipeline([]), []);
  });

  test("keys in different objects cannot be in one command", async () => {
    const { status, body } = await server.run("RENAME", "one", "other");
    assert.equal(status, 400);
    assert.deepEqual(body, { error: "CROSSSLOT Keys in request don't hash to the same slot" });
    assert.equal(await server.result("XREAD", "STREAMS", "{t}one", "{t}other", "0", "0"), null);
  });

  test("what there is not is refused, not answered for no keys", async () => {
    for (const argv of [["SWAPDB", "0", "1"], ["SELECT", "1"], ["INFO"]]) {
      const { status, body } = await server.run(...argv);
      assert.equal(status, 400);
      assert.match((body as { error: string }).error, /^ERR this command is not available here/);
    }
    assert.equal((await server.run("XREAD", "COUNT", 1, "BLOCK", 1)).status, 400);
    assert.ok(Array.isArray(await server.result("XGROUP", "HELP")));
  });

  test("without the token nothing is let in", async () => {
    const body = '["PING"]';
    const refused = [
      {},
      { authorization: "Bearer wrong" },
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: TOKEN },
      { authorization: "Bearer " },
    ];
    for (const headers of refused) {
      const response = await fetch(server.address, { method: "POST", headers, body });
      assert.equal(response.status, 401, JSON.stringify(headers));
      assert.ok(((await response.json()) as { error: string }).error);
    }
  });

  test("a session may say its token in its first command, as clients made for TCP do", async () => {
    const socket = new WebSocket(new URL("v1/connect", server.address.replace("http", "ws")));
    socket.binaryType = "arraybuffer";
    await once(socket, "open");
    const ask = async (...argv: string[]) => {
      socket.send(encodeRequests([argv]));
      const [{ data }] = (await once(socket, "message")) as [MessageEvent<ArrayBuffer>];
      return new TextDecoder().decode(data);
    };
    assert.match(await ask("XLEN", "none"), /^-NOAUTH /);
    assert.match(await ask("HELLO", "3", "AUTH", "default", "wrong"), /^-WRONGPASS /);
    assert.match(await ask("HELLO", "3", "AUTH", "default", TOKEN), /^%/);
    assert.equal(await ask("XLEN", "none"), ":0\r\n");
    socket.close();
  });

  test("methods and paths that are not there are 405 and 404", async () => {
    const put = await fetch(server.address, { method: "PUT", body: "x" });
    assert.equal(put.status, 405);
    assert.equal(put.headers.get("allow"), "POST, OPTIONS");
    assert.equal((await server.post("/v1/nowhere", "[]")).status, 404);
  });

  test("a body longer than the bound is 413", async () => {
    // The answer comes before the body is sent, which is why this is not for `fetch`.
    const { status } = await server.send("", { "content-length": String(17 << 20) }).answer;
    assert.equal(status, 413);
  });

  test("a page elsewhere may call", async () => {
    const preflight = await fetch(server.address, { method: "OPTIONS" });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
    assert.match(preflight.headers.get("access-control-allow-headers")!, /authorization/);
    const answer = await server.post("/", '["PING"]');
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    const refused = await fetch(server.address, { method: "POST", body: '["PING"]' });
    assert.equal(refused.headers.get("access-control-allow-origin"), "*");
  });

  test("RESP in, RESP out, in the version that HELLO asks for", async () => {
    const type = { "content-type": "application/octet-stream" };
    const send = async (...commands: string[][]) => {
      const response = await server.post("/", encodeRequests(commands), { headers: type });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "application/octet-stream");
      return Buffer.from(await response.arrayBuffer()).toString("latin1");
    };
    const read = ["XREAD", "STREAMS", "no such stream", "0"];
    assert.equal(await send(read), "*-1\r\n");
    const greeted = await send(["HELLO", "3"], read, ["PING"], ["XLEN", "another"]);
    assert.match(greeted, /^%.*_\r\n\+PONG\r\n:0\r\n$/s);
    assert.equal(await send(read), "*-1\r\n", "a session is one request long");
  });

  test("a reply on request as RESP2", async () => {
    const headers = { "upstash-response-format": "resp2" };
    const response = await server.post("/pipeline", '[["PING"],["XLEN"]]', { headers });
    const replies = new ReplyReader(new Uint8Array(await response.arrayBuffer()));
    assert.equal(replies.value(readText), "PONG");
    assert.ok(replies.isError());
  });

  test("strings in base64 on request, but for OK", async () => {
    const headers = { "upstash-encoding": "base64" };
    const send = async (...argv: string[]) =>
      (await server.post("/", JSON.stringify(argv), { headers })).json();
    assert.deepEqual(await send("XGROUP", "CREATE", "b64", "g", "$", "MKSTREAM"), { result: "OK" });
    assert.deepEqual(await send("XADD", "b64", "1-1", "f", "OK"), { result: "MS0x" });
    assert.deepEqual(await send("XRANGE", "b64", "-", "+"), {
      result: [["MS0x", ["Zg==", "T0s="]]],
    });
    assert.deepEqual(await send("XLEN", "b64"), { result: 1 });
  });

  test("bytes that are no requests are 400", async () => {
    const headers = { "content-type": "application/octet-stream" };
    for (const body of ["PING\r\n", "*1\r\n$4\r\nPI", "*1\r\n:4\r\n", "*x\r\n"]) {
      const response = await server.post("/", body, { headers });
      assert.equal(response.status, 400, body);
      assert.match(((await response.json()) as { error: string }).error, /^ERR Protocol error/);
    }
  });
});

test("a Worker without a token says how to set one", async () => {
  await using server = await Workerd.start({ token: null });
  const { status, body } = await server.run("PING");
  assert.equal(status, 401);
  assert.match((body as { error: string }).error, /wrangler secret put EDDYLINE_TOKEN/);
});
