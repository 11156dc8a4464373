/** How the keys are divided among the index's objects: by the first bits of their hashes. */

import * as limits from "../limits.ts";

/** Hashes below this are there: 32 bits. */
export const HASHES = 2 ** 32;

/** The first hash of an index object. */
export function firstHash(shard: number): number {
  return (HASHES / limits.indexShards) * shard;
}

/** Which index object lists the keys of a hash. */
export function shardOf(hash: number): number {
  return Math.floor(hash / (HASHES / limits.indexShards));
}

/** The name of an index object. No key's object is called so: there `%` has two digits behind it. */
export function indexName(shard: number): string {
  return `%index/${shard}`;
}

/** FNV-1a with the last step of MurmurHash3, which spreads names that begin alike. */
export function hashOf(name: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of name) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
