/** A consumer group that reads and acknowledges nothing, of our engine or of Redis. */

import assert from "node:assert/strict";
import type { StreamClient } from "eddyline";
import type { Redis } from "ioredis";
import { progress } from "./measure.ts";

const GROUP = "group";
const CONSUMERS = 10;
const COUNT = 100;

/** A consumer group, of either engine. */
export interface Group {
  create(): Promise<unknown>;
  /** Reads for a consumer; how many entries. */
  read(consumer: string): Promise<number>;
}

/** What it takes of a client; the package's and its source's are two classes. */
type Client = Pick<StreamClient, "xGroupCreate" | "xReadGroup">;

/** A group of a stream in this process. */
export class OwnGroup implements Group {
  readonly #client: Client;
  readonly #key: string;

  constructor(client: Client, key: string) {
    this.#client = client;
    this.#key = key;
  }

  create(): Promise<unknown> {
    return this.#client.xGroupCreate(this.#key, GROUP, "0");
  }

  async read(consumer: string): Promise<number> {
    const streams = { key: this.#key, id: ">" };
    const reads = await this.#client.xReadGroup(GROUP, consumer, streams, { COUNT });
    return reads?.[0]?.messages.length ?? 0;
  }
}

/** A group of a stream in a redis-server. */
export class RedisGroup implements Group {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, key: string) {
    this.#redis = redis;
    this.#key = key;
  }

  create(): Promise<unknown> {
    return this.#redis.xgroup("CREATE", this.#key, GROUP, "0");
  }

  async read(consumer: string): Promise<number> {
    const argv = ["GROUP", GROUP, consumer, "COUNT", COUNT, "STREAMS", this.#key, ">"] as const;
    const reads = (await this.#redis.xreadgroup(...argv)) as [string, unknown[]][] | null;
    return reads?.[0]?.[1].length ?? 0;
  }
}

/** Reads so many entries, a multiple of 100, for consumers who take turns. */
export async function readGroup(group: Group, entries: number): Promise<void> {
  let all = 0;
  for (let turn = 0; all < entries; turn++) {
    const read = await group.read(`consumer-${turn % CONSUMERS}`);
    assert.equal(read, COUNT);
    all += read;
    progress(`pending: ${all.toLocaleString("en")} of ${entries.toLocaleString("en")}`);
  }
  progress("");
}
