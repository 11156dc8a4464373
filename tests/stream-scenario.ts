/** What a stream of values and a group of it do, on any keyspace. */

import type { Eddyline } from "../pkg/src/eddyline.ts";

interface Job {
  n: number;
  text: string;
}

const COUNT = 120;

/** Goes through it with streams of this name. */
export async function streamScenario(db: Eddyline, key: string): Promise<void> {
  const jobs = Array.from({ length: COUNT }, (_, n) => ({ n, text: String(n) }));
  const stream = db.stream<Job>(key, { trim: { maxAge: 3_600_000 } });
  const ids = await stream.append(jobs, { idempotencyKey: ({ text }) => text });
  const again = await stream.append(jobs.slice(-50), { idempotencyKey: ({ text }) => text });
  same(again, ids.slice(-50));
  same(await Array.fromAsync(stream.entries(), ({ value }) => value), jobs);
  await follows(db, key, ids);
  await consumes(db, key);
}

/** Follows while more is appended. */
async function follows(db: Eddyline, key: string, ids: readonly string[]): Promise<void> {
  const stream = db.stream<Job>(key);
  const seen: string[] = [];
  const giveUp = new AbortController();
  const appending = stream.append({ n: COUNT, text: "last" });
  for await (const { id, value } of stream.follow({ from: ids[0] as string })) {
    seen.push(id);
    if (value.text === "last") break;
  }
  same(seen, [...ids, await appending]);
  const waiting = stream.follow({ from: "$", signal: giveUp.signal }).next();
  giveUp.abort(new Error("enough"));
  same(await waiting.catch((error: Error) => error.message), "enough");
}

/** Two consumers share the messages; some fail once, one always. */
async function consumes(db: Eddyline, key: string): Promise<void> {
  const group = db.stream<Job>(key).group("g");
  same(await group.lag(), { undelivered: COUNT + 1, pending: 0 });
  const stop = new AbortController();
  const finished = new Set<number>();
  const work = (consumer: string) =>
    group.process(
      ({ value: { n }, deliveries }) => {
        if (n === 13 || (n % 10 === 0 && deliveries === 1)) throw new Error(`failed ${n}`);
        finished.add(n);
      },
      {
        consumer,
        concurrency: 5,
        maxDeliveries: 3,
        retryDelay: 1,
        onError: () => {},
        signal: stop.signal,
      },
    );
  const working = ["a", "b"].map(work);
  const done = async () => {
    while (!(await isDone(group))) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  // A worker that fails ends this, too.
  await Promise.race([done(), ...working]);
  stop.abort();
  await Promise.all(working);
  same(finished.size, COUNT);
  const [letter, ...others] = await Array.fromAsync(group.deadLetters());
  same([letter?.value?.n, letter?.reason, others.length], [13, "failed 13", 0]);
  same(await letter?.redrive(), letter?.origin.id);
  for await (const message of group.consume()) {
    same([message.value, message.deliveries], [{ n: 13, text: "13" }, 1]);
    message.ack();
    break;
  }
  same(await group.lag(), { undelivered: 0, pending: 0 });
}

async function isDone(group: { lag(): Promise<{ undelivered: number | null; pending: number }> }) {
  const { undelivered, pending } = await group.lag();
  return undelivered === 0 && pending === 0;
}

/** Runs in pages too, where there is no `node:assert`. */
function same(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}
