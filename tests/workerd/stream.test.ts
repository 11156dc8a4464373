/** Streams of values behind a Worker: what they do in this process they do there, over the network. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { streamScenario } from "../stream-scenario.ts";
import { TOKEN, Workerd } from "./workerd.ts";

let server: Workerd;
let db: Eddyline;

before(async () => {
  server = await Workerd.start();
  db = await Eddyline.open(server.address, { token: TOKEN });
});

after(async () => {
  await db?.close();
  await server?.[Symbol.asyncDispose]();
});

test("append, follow, consume, bury and go round again", async () => {
  await streamScenario(db, "jobs");
  await streamScenario(db, "{shop}:jobs");
});

test("a consumer outlives its Worker", async () => {
  const stream = db.stream<{ n: number }>("orders");
  const appended = await stream.append(Array.from({ length: 100 }, (_, n) => ({ n })));
  const stop = new AbortController();
  const finished = new Set<string>();
  const halfway = Promise.withResolvers<void>();
  const processing = stream.group("g").process(
    async ({ id }) => {
      finished.add(id);
      if (finished.size === 40) halfway.resolve();
      if (finished.size === 100) stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
    { signal: stop.signal, minIdle: 1000, concurrency: 3, maxDeliveries: 1000 },
  );
  await halfway.promise;
  await server.kill();
  await server.restart();
  await processing;
  assert.deepEqual([...finished].toSorted(), appended.toSorted());
});
