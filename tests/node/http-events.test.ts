/** Streams followed as Server-Sent Events, with an EventSource and without one. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { EventSource } from "eventsource";
import * as limits from "../../pkg/src/limits.ts";
import { createToken } from "../../pkg/src/server/index.ts";
import { HttpHost, TOKEN } from "./http-host.ts";

/** An event as it came. */
interface Received {
  id?: string;
  event?: string;
  data: string;
}

/** Reads events off a response, one by one; comments are passed over. */
async function* eventsOf(response: Response): AsyncGenerator<Received> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() as string;
    for (const block of blocks) {
      const named = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const [id, event, data] = [named("id"), named("event"), named("data")];
      if (data === undefined) continue;
      yield { ...(id !== undefined && { id }), ...(event !== undefined && { event }), data };
    }
  }
}

describe("events of a stream", () => {
  let host: HttpHost;
  before(async () => {
    host = await HttpHost.start();
  });
  after(() => host[Symbol.asyncDispose]());

  const add = (key: string, id: string, ...fields: string[]) =>
    host.result("XADD", key, id, ...fields);

  /** The first so many events; the reader leaves then. */
  async function first(count: number, path: string, headers = {}): Promise<Received[]> {
    const response = await host.fetch(path, { headers });
    assert.equal(response.status, 200, path);
    const received: Received[] = [];
    if (count > 0)
      for await (const event of eventsOf(response)) if (received.push(event) === count) break;
    return received;
  }

  const isWaiting = async () =>
    /blocked_clients:1\r/.test((await host.result("INFO", "clients")) as string);
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it("begin where they are asked to, and go on with what comes", async () => {
    for (const n of [1, 2, 3]) await add("orders", `${n}-1`, "n", String(n));
    const all = first(4, "/v1/streams/orders/events?from=0");
    await until(isWaiting);
    await add("orders", "4-1", "n", "4");
    assert.deepEqual(
      await all,
      [1, 2, 3, 4].map((n) => ({ id: `${n}-1`, data: `{"n":"${n}"}` })),
    );
    const path = "/v1/streams/orders/events?from=1-1";
    assert.deepEqual((await first(1, path))[0]?.id, "2-1");
    assert.deepEqual((await first(1, path, { "last-event-id": "3-1" }))[0]?.id, "4-1");
    assert.deepEqual((await first(1, `${path}&lastEventId=2-1`))[0]?.id, "3-1");
  });

  it("begin with what is to come when nothing is said", async () => {
    await add("to come", "1-1", "n", "1");
    const next = first(1, "/v1/streams/to%20come/events");
    await until(isWaiting);
    await add("to come", "2-1", "n", "2");
    assert.equal((await next)[0]?.id, "2-1");
    const early = first(1, "/v1/streams/not-there-yet/events");
    await until(isWaiting);
    await add("not-there-yet", "1-1", "n", "1");
    assert.equal((await early)[0]?.id, "1-1");
  });

  it("say so when what was asked for is there no more", async () => {
    for (const n of [1, 2, 3, 4]) await add("trimmed", `${n}-1`, "n", String(n));
    await host.result("XTRIM", "trimmed", "MAXLEN", "2");
    const [gap, next] = await first(2, "/v1/streams/trimmed/events?from=1-1");
    assert.deepEqual(gap, { event: "gap", data: '{"after":"1-1","first":"3-1"}' });
    assert.equal(next?.id, "3-1");
    assert.equal((await first(1, "/v1/streams/trimmed/events?from=3-1"))[0]?.id, "4-1");
    assert.equal((await first(1, "/v1/streams/trimmed/events?from=0"))[0]?.id, "3-1");
    await host.result("XDEL", "trimmed", "4-1");
    assert.equal((await first(1, "/v1/streams/trimmed/events?from=3-1"))[0]?.event, "gap");
  });

  it("hold the fields that are wanted", async () => {
    await add("wide", "1-1", "a", "1", "b", "2", "c", "3");
    await add("wide", "2-1", "c", "3");
    await add("wide", "3-1", "b", "two\nlines");
    const path = "/v1/streams/wide/events?from=0&fields=a,b";
    assert.deepEqual(await first(2, path), [
      { id: "1-1", data: '{"a":"1","b":"2"}' },
      { id: "3-1", data: '{"b":"two\\nlines"}' },
    ]);
  });

  it("are refused with a status", async () => {
    const path = `${host.address}/v1/streams/orders/events`;
    assert.equal((await fetch(path)).status, 401);
    assert.equal((await fetch(`${path}?token=wrong`)).status, 401);
    assert.equal((await host.fetch("/v1/streams/orders/events?from=yesterday")).status, 400);
    await host.result("SET", "plain", "v");
    assert.equal((await host.fetch("/v1/streams/plain/events")).status, 400);
    const token = await createToken(TOKEN, { prefixes: ["users:"] });
    assert.equal((await fetch(`${path}?token=${token}`)).status, 403);
  });

  it("leave nothing behind when the reader goes", async () => {
    await first(1, "/v1/streams/orders/events?from=0");
    await until(async () => !(await isWaiting()));
  });

  it("end with the token", async () => {
    const token = await createToken(TOKEN, { readOnly: true, expiresAtMs: Date.now() + 3000 });
    const response = await fetch(`${host.address}/v1/streams/none/events?token=${token}`);
    assert.equal(response.status, 200);
    await response.text();
    const again = await fetch(`${host.address}/v1/streams/none/events?token=${token}`);
    assert.equal(again.status, 401);
  });

  it("come no faster than they are read", async () => {
    const value = "x".repeat(limits.eventBytes / 2);
    for (let n = 1; n <= 200; n++) await add("large", `${n}-1`, "f", value);
    const reading = new AbortController();
    const init = { headers: { authorization: `Bearer ${TOKEN}` }, signal: reading.signal };
    const response = await fetch(`${host.address}/v1/streams/large/events?from=0`, init);
    const events = eventsOf(response);
    assert.equal((await events.next()).value?.id, "1-1");
    // XREAD was asked for what the sockets between hold, and not for the 25 MB that there are.
    const calls = async () => {
      const stats = (await host.result("INFO", "commandstats")) as string;
      return Number(/cmdstat_xread:calls=(\d+)/.exec(stats)?.[1]);
    };
    let [before, now] = [-1, await calls()];
    while (before !== now) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      [before, now] = [now, await calls()];
    }
    assert.ok(now < 150, `${now} reads`);
    let last = "";
    for await (const { id } of events) {
      last = id ?? "";
      if (last === "200-1") break;
    }
    assert.equal(last, "200-1");
    reading.abort();
  });

  it("are missed by no EventSource, whatever becomes of its connection", async () => {
    const source = new EventSource(
      `${host.address}/v1/streams/followed/events?from=0&token=${encodeURIComponent(TOKEN)}`,
    );
    const ids: string[] = [];
    const all = Promise.withResolvers<void>();
    source.addEventListener("message", ({ lastEventId }) => {
      ids.push(lastEventId);
      if (ids.length === 30) all.resolve();
    });
    const expected = Array.from({ length: 30 }, (_, n) => `${n + 1}-0`);
    for (const [n, id] of expected.entries()) {
      await add("followed", id, "f", "v");
      // The engine hangs up on whoever listens; what he has not read is there when he comes back.
      if (n === 10 || n === 20) await host.result("CLIENT", "KILL", "TYPE", "normal");
    }
    await all.promise;
    source.close();
    assert.deepEqual(ids, expected);
  });

  it("go on behind the last one when the server has been ended and started again", async () => {
    const dir = mkdtempSync(join(tmpdir(), "eddyline-events-"));
    const ids: string[] = [];
    const expected: string[] = [];
    const open = (port: number) => HttpHost.start({ dir, http: { port, token: TOKEN } });
    let served = await open(0);
    const { address } = served;
    const query = `from=0&token=${encodeURIComponent(TOKEN)}`;
    const source = new EventSource(`${address}/v1/streams/kept/events?${query}`);
    source.addEventListener("message", ({ lastEventId }) => ids.push(lastEventId));
    for (let n = 1; n <= 30; n++) {
      expected.push(`${n}-0`);
      await served.server.client().xAdd("kept", `${n}-0`, { f: "v" });
      if (n % 10 !== 0) continue;
      await served[Symbol.asyncDispose]();
      served = await open(Number(new URL(address).port));
    }
    await until(async () => ids.length >= expected.length);
    source.close();
    await served[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
    assert.deepEqual(ids, expected);
  });
});
