/** REST on Node: every route that runs commands, over real sockets. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeRequests } from "../../pkg/src/framing.ts";
import * as limits from "../../pkg/src/limits.ts";
import { HttpHost } from "./http-host.ts";

const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("REST on Node", () => {
  let host: HttpHost;
  before(async () => {
    host = await HttpHost.start();
  });
  after(() => host[Symbol.asyncDispose]());

  const isWaiting = async () =>
    /blocked_clients:1\r/.test((await host.result("INFO", "clients")) as string);

  it("runs a command in JSON", async () => {
    assert.equal(await host.result("XADD", "s", "1-1", "n", 1.5, "yes", true), "1-1");
    assert.deepEqual(await host.result("XRANGE", "s", "-", "+"), [
      ["1-1", ["n", "1.5", "yes", "true"]],
    ]);
    assert.deepEqual(await host.json("/", ["NOPE"]), {
      status: 400,
      body: { error: "ERR unknown command 'NOPE', with args beginning with: " },
    });
  });

  it("is the same keyspace as over RESP and in the process", async () => {
    await host.server.client().xAdd("shared", "1-1", { f: "v" });
    assert.equal(await host.result("XLEN", "shared"), 1);
  });

  it("runs a command in the path", async () => {
    assert.deepEqual(await host.json("/set/path%2F1/a%20b?EX=100"), {
      status: 200,
      body: { result: "OK" },
    });
    const put = await host.fetch("/set/path%2F2?NX", { method: "PUT", body: "from the body" });
    assert.deepEqual(await put.json(), { result: "OK" }, "the body goes before the query");
    assert.equal(await host.result("GET", "path/1"), "a b");
    assert.equal(await host.result("GET", "path/2"), "from the body");
    assert.ok(((await host.result("TTL", "path/1")) as number) > 90);
    const bytes = await host.fetch("/set/bytes", {
      method: "POST",
      body: new Uint8Array([255, 0]),
    });
    assert.equal(bytes.status, 200);
    const back = await host.json("/get/bytes", undefined, { "upstash-encoding": "base64" });
    assert.deepEqual(back.body, { result: "/wA=" });
    const head = await host.fetch("/get/bytes", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    assert.equal((await host.fetch("/get/bytes", { method: "DELETE" })).status, 405);
    assert.equal((await host.fetch("/get/%ff")).status, 400);
  });

  it("runs a pipeline in order, each with an answer of its own", async () => {
    const commands = [
      ["XADD", "p", "1-1", "f", "v"],
      ["XADD", "p", "1-1", "f", "v"],
      ["XLEN", "p"],
    ];
    const { status, body } = await host.json("/pipeline", commands);
    assert.equal(status, 200);
    const [added, refused, length] = body as [unknown, { error: string }, unknown];
    assert.deepEqual([added, length], [{ result: "1-1" }, { result: 1 }]);
    assert.match(refused.error, /^ERR The ID specified in XADD is equal or smaller/);
    assert.deepEqual((await host.json("/pipeline", [])).body, []);
    const ended = await host.json("/pipeline", [["PING"], ["QUIT"], ["PING"]]);
    assert.match(JSON.stringify(ended.body), /PONG.*OK.*the session has ended/);
  });

  it("runs a transaction as one, or not at all", async () => {
    const done = await host.json("/multi-exec", [
      ["XADD", "t", "1-1", "f", "v"],
      ["LPUSH", "t", "x"],
    ]);
    assert.equal(done.status, 200);
    const [added, refused] = done.body as [unknown, { error: string }];
    assert.deepEqual(added, { result: "1-1" });
    assert.match(refused.error, /^WRONGTYPE /);
    const not = await host.json("/multi-exec", [["XADD", "t", "2-1", "f", "v"], ["XLEN"]]);
    assert.equal(not.status, 400);
    assert.match((not.body as { error: string }).error, /^EXECABORT .*wrong number of arguments/);
    assert.equal(await host.result("XLEN", "t"), 1);
    assert.deepEqual((await host.json("/multi-exec", [])).body, []);
    const escaped = await host.json("/multi-exec", [["EXEC"], ["XLEN", "t"]]);
    assert.equal(escaped.status, 400, "a command cannot end the transaction itself");
  });

  it("answers in base64 and in RESP", async () => {
    const headers = { "upstash-encoding": "base64" };
    const range = await host.json("/", ["XRANGE", "s", "-", "+"], headers);
    assert.deepEqual(range.body, {
      result: [[btoa("1-1"), [btoa("n"), btoa("1.5"), btoa("yes"), btoa("true")]]],
    });
    assert.deepEqual((await host.json("/", ["SET", "k", "v"], headers)).body, { result: "OK" });
    const resp = await host.fetch("/pipeline", {
      method: "POST",
      headers: { "upstash-response-format": "resp2" },
      body: JSON.stringify([["PING"], ["XLEN", "s"]]),
    });
    assert.equal(resp.headers.get("content-type"), "application/octet-stream");
    assert.equal(await resp.text(), "+PONG\r\n:1\r\n");
    const both = { ...headers, "upstash-response-format": "resp2" };
    assert.equal((await host.json("/", ["PING"], both)).status, 400);
    assert.equal((await host.json("/multi-exec", [], both)).status, 400);
  });

  it("takes RESP and speaks RESP3 if it is greeted so", async () => {
    const body = encodeRequests([
      ["HELLO", "3"],
      ["XREAD", "STREAMS", "none", "0"],
    ]);
    const headers = { "content-type": "application/octet-stream" };
    const response = await host.fetch("/", { method: "POST", headers, body });
    const text = await response.text();
    assert.ok(text.startsWith("%") && text.endsWith("_\r\n"), text);
    const cut = await host.fetch("/", { method: "POST", headers, body: body.subarray(0, -1) });
    assert.equal(cut.status, 400);
  });

  it("polls long, and ends the wait with its sender", async () => {
    const waiting = host.result("XREAD", "BLOCK", 20_000, "STREAMS", "later", "$");
    await eventually(isWaiting);
    await host.result("XADD", "later", "1-1", "f", "v");
    assert.deepEqual(await waiting, [["later", [["1-1", ["f", "v"]]]]]);
    assert.equal(await host.result("XREAD", "BLOCK", 5, "STREAMS", "later", "$"), null);

    const sender = new AbortController();
    const body = JSON.stringify(["XREAD", "BLOCK", 0, "STREAMS", "later", "$"]);
    const left = host.fetch("/", { method: "POST", body, signal: sender.signal });
    await eventually(isWaiting);
    sender.abort();
    await assert.rejects(left, { name: "AbortError" });
    await eventually(async () => !(await isWaiting()));
  });

  it("adds once what is sent twice with one key", async () => {
    const headers = { "idempotency-key": "order 17" };
    const add = () => host.json("/", ["XADD", "once", "*", "f", "v"], headers);
    assert.deepEqual(await add(), await add());
    const pipeline = [
      ["XADD", "once", "*", "f", "1"],
      ["XADD", "once", "*", "f", "2"],
    ];
    const other = { "idempotency-key": "order 18" };
    const first = await host.json("/pipeline", pipeline, other);
    assert.deepEqual(await host.json("/pipeline", pipeline, other), first);
    assert.equal(await host.result("XLEN", "once"), 3);
  });

  it("answers a page's preflight, and any page", async () => {
    const preflight = await fetch(`${host.address}/pipeline`, { method: "OPTIONS" });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /idempotency-key/);
    const response = await host.fetch("/ping");
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.ok(response.headers.get("upstash-sync-token"));
  });

  it("says where nothing is, and what is too long", async () => {
    assert.equal((await host.fetch("/v1/nothing")).status, 404);
    assert.equal((await host.fetch("/pipeline")).status, 405);
    const body = new Uint8Array(limits.httpBodyBytes + 1);
    assert.equal((await host.fetch("/", { method: "POST", body })).status, 413);
    const commands = Array.from({ length: limits.httpCommands + 1 }, () => ["PING"]);
    assert.equal((await host.json("/pipeline", commands)).status, 400);
    const headers = { "content-type": "application/octet-stream" };
    const requests = encodeRequests(commands);
    assert.equal((await host.fetch("/", { method: "POST", headers, body: requests })).status, 400);
    const words = Array.from({ length: limits.httpArguments + 1 }, () => "x");
    assert.equal((await host.json("/", words)).status, 400);
  });

  it("gives no more at once than fits memory", async () => {
    await host.result("SET", "large", "x".repeat(1 << 19));
    const commands = Array.from({ length: 200 }, () => ["GET", "large"]);
    const { status, body } = await host.json("/pipeline", commands);
    assert.equal(status, 400);
    assert.match((body as { error: string }).error, /^ERR the replies are longer than/);
    assert.equal(await host.result("PING"), "PONG");
  });
});
