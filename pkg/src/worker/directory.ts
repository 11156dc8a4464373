/** What concerns all keys: answered from the index, and for FLUSHALL by removing what it lists. */

import { encodeRequests } from "../framing.ts";
import * as limits from "../limits.ts";
import { runAtDoor } from "./instance.ts";
import type { KeyPage, ListedKey } from "./key-index.ts";
import { post, type Terms } from "./link.ts";
import type { StreamObject } from "./object.ts";
import type { Places } from "./places.ts";
import { array, bulk, integer, line, OK, type Reply } from "./reply.ts";
import { objectName } from "./route.ts";
import { firstHash, HASHES, indexName, shardOf } from "./shards.ts";

const decoder = new TextDecoder();
const SHARDS = Array.from({ length: limits.indexShards }, (_, shard) => shard);

export class Directory {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  /** Answers SCAN, KEYS, DBSIZE, FLUSHDB or FLUSHALL, whose arguments are sound. */
  async answer(words: readonly Uint8Array[], terms: Terms): Promise<Reply> {
    switch (decoder.decode(words[0]).toLowerCase()) {
      case "scan":
        return this.#scan(words);
      case "keys":
        return this.#keys(words[1]!);
      case "dbsize":
        return integer(await this.size());
      default:
        return this.#flush(terms);
    }
  }

  async #scan(words: readonly Uint8Array[]): Promise<Reply> {
    const [, cursor, ...options] = words.map((word) => decoder.decode(word));
    let [count, type] = [10, undefined as string | undefined];
    let pattern: Uint8Array | undefined;
    for (let at = 0; at < options.length; at += 2) {
      const value = options[at + 1]!;
      const option = options[at]!.toLowerCase();
      if (option === "count") count = Math.min(Number(value), limits.indexPage);
      else if (option === "type") type = value.toLowerCase();
      else if (option === "match") pattern = words[at + 3];
    }
    // A cursor of other makings has seen everything.
    const from = Number(cursor) < HASHES ? Number(cursor) : HASHES - 1;
    const { keys, next } = await this.#page(from, count);
    const fits = keys.filter(
      (key) => (type === undefined || key.type === type) && isLike(key, pattern),
    );
    return array([bulk(String(next)), array(fits.map(({ name }) => bulk(name)))]);
  }

  async #keys(pattern: Uint8Array): Promise<Reply> {
    const found: Uint8Array[] = [];
    await this.#walk((keys) => {
      for (const key of keys) if (isLike(key, pattern)) found.push(bulk(key.name));
    });
    return array(found);
  }

  /** How many keys there are. */
  async size(): Promise<number> {
    const counts = await Promise.all(SHARDS.map((shard) => this.#shard(shard).indexCount()));
    return counts.reduce((total, count) => total + count, 0);
  }

  /** Removes key after key; those that come meanwhile may stay. */
  async #flush(terms: Terms): Promise<Reply> {
    try {
      await this.#walk(async (keys) => {
        const shares = Map.groupBy(keys, ({ name }) => objectName(name));
        for (const [object, share] of shares) {
          const request = encodeRequests([["UNLINK", ...share.map(({ name }) => name)]]);
          await post(this.#places.object(object), [request], terms);
        }
      });
      return OK;
    } catch (error) {
      return line(`-TRYAGAIN not all keys could be removed: ${error}`);
    }
  }

  /** Every listed key, page by page; all parts of the index at once. */
  async #walk(visit: (keys: ListedKey[]) => void | Promise<void>): Promise<void> {
    await Promise.all(
      SHARDS.map(async (shard) => {
        let from: number | undefined = firstHash(shard);
        while (from !== undefined) {
          const page: KeyPage = await this.#shard(shard).indexPage(from, limits.indexPage);
          await visit(page.keys);
          from = page.next;
        }
      }),
    );
  }

  /** Some keys from a hash on, and where to go on: 0 at the end, as SCAN has it. */
  async #page(from: number, count: number): Promise<{ keys: ListedKey[]; next: number }> {
    const shard = shardOf(from);
    const { keys, next } = await this.#shard(shard).indexPage(from, count);
    if (next !== undefined && next < firstHash(shard + 1)) return { keys, next };
    return { keys, next: shard + 1 < SHARDS.length ? firstHash(shard + 1) : 0 };
  }

  #shard(shard: number): DurableObjectStub<StreamObject> {
    return this.#places.common(indexName(shard)) as DurableObjectStub<StreamObject>;
  }
}

function isLike({ name }: ListedKey, pattern: Uint8Array | undefined): boolean {
  return pattern === undefined || runAtDoor((instance) => instance.matches(pattern, name));
}
