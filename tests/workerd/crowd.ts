/**
 * A crowd of clients on a Worker whose process is killed again and again: producers, consumers of a
 * group, followers that read and subscribers to events, each of whom goes on with the same client
 * and by what the API gives, and a ledger of what they were told, which must agree with what is
 * there in the end.
 */

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline, TransportError } from "../../pkg/src/entry/node.ts";
import { TOKEN, type Workerd } from "./workerd.ts";

const GROUP = "workers";
const COUNT = 10;
const BLOCK_MS = 2000;
/** Between an answer that did not come and the next try, and between a producer's entries. */
const PAUSE_MS = 20;
const POLL_MS = 100;

/** How many there are of each, in all, and how long they go on. */
export interface CrowdOptions {
  readonly streams: number;
  readonly producers: number;
  readonly consumers: number;
  readonly followers: number;
  readonly subscribers: number;
  /** How often the process is killed; the last round ends without. */
  readonly kills: number;
  /** The least time of each round. */
  readonly roundMs: number;
  /** Is told now and then how far it has come. */
  readonly onProgress?: (text: string) => void;
}

/** What came of it. */
export interface CrowdOutcome {
  readonly entries: number;
  readonly seconds: number;
  /** Calls that had to be made again. */
  readonly interruptions: number;
  /** From a kill until the Worker answers again, the longest. */
  readonly longestOutageMs: number;
}

/** What clients were told of one stream. */
interface Ledger {
  readonly key: string;
  /** Values by the ID that their producer was told. */
  readonly appended: Map<string, string>;
  /** Who was given an entry. */
  readonly owners: Map<string, string>;
  /** How often an acknowledgement was said to have counted. */
  readonly acknowledged: Map<string, number>;
  /** Entries of acknowledgements that were not answered. */
  readonly unanswered: Set<string>;
  /** What each follower and subscriber saw, in order. */
  readonly followed: string[][];
}

/** Runs a crowd, and looks at every account of it. */
export async function runCrowd(server: Workerd, options: CrowdOptions): Promise<CrowdOutcome> {
  const crowd = new Crowd(server, options);
  const start = performance.now();
  const outcome = await crowd.run();
  return { ...outcome, seconds: (performance.now() - start) / 1000 };
}

class Crowd {
  readonly #server: Workerd;
  readonly #options: CrowdOptions;
  readonly #ledgers: Ledger[];
  /** Ends the waits of consumers and followers when all is done. */
  readonly #done = new AbortController();
  #producing = true;
  /** Somebody has failed: nobody tries again. */
  #isOver = false;
  #interruptions = 0;
  #answers = 0;
  #longestOutageMs = 0;

  constructor(server: Workerd, options: CrowdOptions) {
    this.#server = server;
    this.#options = options;
    this.#ledgers = Array.from({ length: options.streams }, (_, at) => ({
      key: `crowd-${at}`,
      appended: new Map(),
      owners: new Map(),
      acknowledged: new Map(),
      unanswered: new Set(),
      followed: [],
    }));
  }

  async run(): Promise<Omit<CrowdOutcome, "seconds">> {
    await using db = await this.#open();
    for (const { key } of this.#ledgers) await db.xGroupCreate(key, GROUP, "0", { MKSTREAM: true });
    const { producers, consumers, followers, subscribers } = this.#options;
    const producing = this.#each(producers, (ledger, at) => this.#produce(ledger, at));
    const reading = [
      ...this.#each(consumers, (ledger, at) => this.#consume(ledger, `consumer-${at}`)),
      ...this.#each(followers, (ledger) => this.#follow(ledger)),
      ...this.#each(subscribers, (ledger) => this.#subscribe(ledger)),
    ];
    const all = Promise.all([...producing, ...reading]);
    try {
      // Whoever fails ends it at once.
      await Promise.race([all, this.#disturb().then(() => Promise.all(producing))]);
      await Promise.race([all, this.#settled(db)]);
    } finally {
      [this.#isOver, this.#producing] = [true, false];
      this.#done.abort();
    }
    await all;
    for (const ledger of this.#ledgers) await check(db, ledger);
    const entries = this.#ledgers.reduce((sum, { appended }) => sum + appended.size, 0);
    const [interruptions, longestOutageMs] = [this.#interruptions, this.#longestOutageMs];
    return { entries, interruptions, longestOutageMs };
  }

  #open(): Promise<Eddyline> {
    return Eddyline.open(this.#server.address, { token: TOKEN });
  }

  #each(count: number, start: (ledger: Ledger, at: number) => Promise<void>): Promise<void>[] {
    return Array.from({ length: count }, (_, at) => {
      return start(this.#ledgers[at % this.#ledgers.length] as Ledger, at);
    });
  }

  /** Kills and restarts, each time after the crowd has come further. */
  async #disturb(): Promise<void> {
    const { kills, roundMs, onProgress } = this.#options;
    for (let round = 0; ; round++) {
      onProgress?.(`${round} of ${kills} kills, ${this.#answers} answers`);
      const before = this.#answers;
      await sleep(roundMs);
      while (this.#answers === before && !this.#isOver) await sleep(POLL_MS);
      if (round === kills || this.#isOver) break;
      const killed = performance.now();
      await this.#server.kill();
      await this.#server.restart();
      this.#longestOutageMs = Math.max(this.#longestOutageMs, performance.now() - killed);
    }
    this.#producing = false;
  }

  /** Until everything is read and acknowledged, and every follower has come to the end. */
  async #settled(db: Eddyline): Promise<void> {
    for (const { key, followed } of this.#ledgers) {
      while (!this.#isOver) {
        const [group] = await db.xInfoGroups(key);
        const length = await db.xLen(key);
        const isRead = group?.pending === 0 && group.lag === 0;
        if (isRead && followed.every(({ length: seen }) => seen >= length)) break;
        await sleep(POLL_MS);
      }
    }
  }

  /** Makes a call until it is answered: for calls that may be made again. */
  async #ask<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await call();
        this.#answers++;
        return answer;
      } catch (error) {
        if (!isOutage(error) || this.#isOver) throw error;
        this.#interruptions++;
        await sleep(PAUSE_MS);
      }
    }
  }

  /** Appends under a number of its own, so that an entry sent again is not there twice. */
  async #produce({ key, appended }: Ledger, at: number): Promise<void> {
    await using db = await this.#open();
    const producer = `producer-${at}`;
    for (let number = 0; this.#producing; number++) {
      const argv = ["XADD", key, "IDMP", producer, `${number}`, "*", producer, `${number}`];
      const id = await this.#ask(() => db.sendCommand(argv));
      appended.set(String(id), `${producer} ${number}`);
      await sleep(PAUSE_MS);
    }
  }

  async #consume(ledger: Ledger, consumer: string): Promise<void> {
    await using db = await this.#open();
    const { signal } = this.#done;
    while (!signal.aborted) {
      try {
        const streams = { key: ledger.key, id: ">" };
        const options = { COUNT, BLOCK: BLOCK_MS, signal };
        const reads = await db.xReadGroup(GROUP, consumer, streams, options);
        this.#answers++;
        await this.#acknowledge(db, ledger, consumer, idsOf(reads));
      } catch (error) {
        if (signal.aborted) break;
        if (!isOutage(error)) throw error;
        this.#interruptions++;
        await sleep(PAUSE_MS);
        await this.#recover(db, ledger, consumer);
      }
    }
  }

  /** Acknowledges what was given to the consumer, but is not known to have reached or left it. */
  async #recover(db: Eddyline, ledger: Ledger, consumer: string): Promise<void> {
    for (;;) {
      const own = { key: ledger.key, id: "0" };
      const ids = idsOf(await this.#ask(() => db.xReadGroup(GROUP, consumer, own, { COUNT })));
      if (ids.length === 0) return;
      await this.#acknowledge(db, ledger, consumer, ids).catch((error: unknown) => {
        if (!isOutage(error)) throw error;
      });
    }
  }

  async #acknowledge(
    db: Eddyline,
    { key, owners, acknowledged, unanswered }: Ledger,
    consumer: string,
    ids: readonly string[],
  ): Promise<void> {
    for (const id of ids) {
      assert.equal(owners.get(id) ?? consumer, consumer, `${id} was given to two consumers`);
      owners.set(id, consumer);
      // Until the answer is there.
      unanswered.add(id);
    }
    const answers = await Promise.allSettled(ids.map((id) => db.xAck(key, GROUP, id)));
    for (const [at, answer] of answers.entries()) {
      if (answer.status === "rejected") throw answer.reason;
      const id = ids[at] as string;
      acknowledged.set(id, (acknowledged.get(id) ?? 0) + answer.value);
      if (answer.value === 1) unanswered.delete(id);
    }
  }

  /** As an EventSource does: comes again with the last ID that it has, whenever it was cut off. */
  async #subscribe({ key, followed }: Ledger): Promise<void> {
    const { signal } = this.#done;
    const seen: string[] = [];
    followed.push(seen);
    const address = new URL(`v1/streams/${key}/events?from=0`, this.#server.address);
    while (!signal.aborted) {
      const last = seen.at(-1);
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        ...(last !== undefined && { "last-event-id": last }),
      };
      try {
        const response = await fetch(address, { headers, signal });
        assert.ok(response.ok || response.status === 503, `${response.status}`);
        for await (const id of response.ok ? eventsOf(response) : []) {
          seen.push(id);
          this.#answers++;
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        // What `fetch` throws when a connection is refused or cut off.
        if (!signal.aborted && !(error instanceof TypeError)) throw error;
      }
      this.#interruptions++;
      await sleep(PAUSE_MS);
    }
  }

  async #follow({ key, followed }: Ledger): Promise<void> {
    await using db = await this.#open();
    const { signal } = this.#done;
    const seen: string[] = [];
    followed.push(seen);
    while (!signal.aborted) {
      try {
        const streams = { key, id: seen.at(-1) ?? "0" };
        seen.push(...idsOf(await db.xRead(streams, { BLOCK: BLOCK_MS, signal })));
        this.#answers++;
      } catch (error) {
        if (signal.aborted) break;
        if (!isOutage(error)) throw error;
        this.#interruptions++;
        await sleep(PAUSE_MS);
      }
    }
  }
}

/** The IDs of the entries in whole events; a last one that was cut off is not taken. */
async function* eventsOf(response: Response): AsyncGenerator<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() as string;
    for (const block of blocks) {
      assert.ok(!block.includes("event: gap"), "nothing was trimmed");
      const id = /^id: (.+)$/m.exec(block)?.[1];
      if (id !== undefined) yield id;
    }
  }
}

/** Whether a call may be made again: no answer came, or one that asks for that. */
function isOutage(error: unknown): boolean {
  return error instanceof TransportError && (error.status === undefined || error.status === 503);
}

type Reads = readonly { readonly messages: readonly { readonly id: string }[] }[] | null;

function idsOf(reads: Reads): string[] {
  return (reads?.[0]?.messages ?? []).map(({ id }) => id);
}

async function check(db: Eddyline, ledger: Ledger): Promise<void> {
  const { key, appended, owners, acknowledged, unanswered, followed } = ledger;
  const entries = new Map<string, string>();
  for await (const page of db.xRangeIterator(key, "-", "+", { COUNT: 1000 }))
    for (const { id, message } of page) entries.set(id, Object.entries(message).flat().join(" "));
  assert.deepEqual(
    [...appended].toSorted(byId),
    [...entries],
    "those that were answered, no others",
  );
  assert.equal(new Set(entries.values()).size, entries.size, "no entry is there twice");
  const ids = [...entries.keys()];
  assert.deepEqual([...owners.keys()].toSorted(compareIds), ids, "each was given to a consumer");
  const twice = [...acknowledged].filter(([, times]) => times > 1);
  assert.deepEqual(twice, [], "acknowledged twice");
  const never = ids.filter((id) => acknowledged.get(id) !== 1 && !unanswered.has(id));
  assert.deepEqual(never, [], "acknowledged by nobody");
  for (const seen of followed) assert.deepEqual(seen, ids, "a follower sees each once, in order");
  const [group] = await db.xInfoGroups(key);
  assert.deepEqual([group?.pending, group?.lag, group?.["entries-read"]], [0, 0, ids.length]);
}

function byId([one]: [string, string], [other]: [string, string]): number {
  return compareIds(one, other);
}

function compareIds(one: string, other: string): number {
  const [ms = 0, seq = 0] = one.split("-").map(Number);
  const [otherMs = 0, otherSeq = 0] = other.split("-").map(Number);
  return ms - otherMs || seq - otherSeq;
}
