/** Delivering from one stream to another: in order, once, whatever fails meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Eddyline, type Transport, TransportError } from "../src/entry/node.ts";

interface Order {
  n: number;
}

/** Resolves when the stream of this key is as long as that. */
async function untilLength(db: Eddyline, key: string, length: number): Promise<void> {
  while ((await db.xLen(key)) !== length) await new Promise((resolve) => setTimeout(resolve, 5));
}

const orders = (from: number, to: number): Order[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ n: from + at }));

async function valuesOf(db: Eddyline, key: string): Promise<number[]> {
  const entries = await Array.fromAsync(db.stream<Order>(key).entries());
  return entries.map(({ value }) => value.n);
}

test("what is there and what comes is delivered in order, and deleted; the signal ends it", async () => {
  await using here = await Eddyline.open("memory://");
  await using there = await Eddyline.open("memory://");
  const outbox = here.stream<Order>("outbox");
  await outbox.append(orders(1, 250));
  const stop = new AbortController();
  const delivering = outbox.deliver(there.stream<Order>("orders"), { signal: stop.signal });
  await untilLength(there, "orders", 250);
  await outbox.append(orders(251, 260));
  await untilLength(there, "orders", 260);
  await untilLength(here, "outbox", 0);
  stop.abort();
  await delivering;
  await outbox.append(orders(261, 261));
  assert.deepEqual(
    await valuesOf(there, "orders"),
    orders(1, 260).map(({ n }) => n),
  );
});

test("several deliver, answers are lost, and nothing is there twice", async () => {
  await using here = await Eddyline.open("memory://");
  await using there = await Eddyline.open("memory://");
  let calls = 0;
  const unsure: Transport = {
    send: async (...args) => {
      const reply = await there.sendCommand(args[0]);
      // Done, and the answer does not come.
      if (++calls % 3 === 0 && calls < 40) throw new TransportError("lost");
      return reply as never;
    },
    transact: () => Promise.reject(new Error("nobody asks for it")),
    close: () => Promise.resolve(),
  };
  const outbox = here.stream<Order>("outbox");
  const stop = new AbortController();
  const reasons: unknown[] = [];
  const delivering = [1, 2, 3].map(() =>
    outbox.deliver(Eddyline.over(unsure).stream<Order>("orders"), {
      signal: stop.signal,
      onRetry: (error) => reasons.push(error),
    }),
  );
  for (let n = 1; n <= 20; n++) await outbox.append({ n });
  await untilLength(here, "outbox", 0);
  stop.abort();
  await Promise.all(delivering);
  assert.deepEqual(
    await valuesOf(there, "orders"),
    orders(1, 20).map(({ n }) => n),
  );
  assert.ok(reasons.length > 0 && reasons.every((reason) => reason instanceof TransportError));
});

test("what is refused ends it, and nothing behind it goes before", async () => {
  await using here = await Eddyline.open("memory://");
  await using there = await Eddyline.open("memory://");
  await there.set("orders", "no stream");
  const outbox = here.stream<Order>("outbox");
  await outbox.append(orders(1, 3));
  await assert.rejects(outbox.deliver(there.stream<Order>("orders")), { code: "WRONGTYPE" });
  assert.equal(
    await outbox
      .entries()
      .next()
      .then(({ value }) => value?.value.n),
    1,
  );
  assert.equal(await here.xLen("outbox"), 3);
});

test("two outboxes are told apart, and one that is opened again is the same", async () => {
  await using there = await Eddyline.open("memory://");
  const ids: (string | null)[] = [];
  for (let n = 1; n <= 2; n++) {
    await using here = await Eddyline.open("memory://");
    // The same ID in both.
    await here.xAdd("outbox", "1-1", { n: `${n}` });
    const stop = new AbortController();
    const delivering = here
      .stream<Order>("outbox")
      .deliver(there.stream<Order>("orders"), { signal: stop.signal });
    await untilLength(there, "orders", n);
    await untilLength(here, "outbox", 0);
    ids.push(await here.get("{outbox}:producer"));
    stop.abort();
    await delivering;
  }
  assert.deepEqual(await valuesOf(there, "orders"), [1, 2]);
  assert.notEqual(ids[0], ids[1]);
});
