/** Every key of every database of a storage, in turn. */

import { StreamClient } from "../client.ts";
import { LocalTransport } from "../local.ts";
import { readBytes, readText } from "../resp.ts";
import type { Storage } from "../storage/storage.ts";
import type { Gap } from "./entries.ts";

const DATABASES = 16;
/** Bytes of entries in memory at a time: they are looked at once. */
const MAX_RESIDENT_BYTES = 16 << 20;

/** A key, and how to ask about it. */
export interface KeyAt {
  readonly client: StreamClient<Uint8Array>;
  readonly database: number;
  readonly key: Uint8Array;
  /** Selects the key's database, which a new engine's session has to do again. */
  select(): Promise<void>;
}

/** Streams that cannot be read as a whole, by {@link addressOf}. */
export type Gaps = Map<string, Gap>;

/** A text that no other key has. */
export function addressOf(database: number, key: Uint8Array): string {
  return `${database}/${key.join(",")}`;
}

/** Visits every key. The client's calls belong to the database of the key that is visited. */
export async function forEachKey(
  storage: Storage,
  visit: (key: KeyAt) => Promise<void>,
): Promise<void> {
  const transport = await LocalTransport.open(storage, { maxResidentBytes: MAX_RESIDENT_BYTES });
  const client = new StreamClient(transport, readBytes);
  for (let database = 0; database < DATABASES; database++) {
    // Not through the client, which refuses it: here nobody else shares the session.
    const select = async () => void (await transport.send(["SELECT", `${database}`], readText));
    await select();
    for (const key of await keysOf(client)) await visit({ client, database, key, select });
  }
  await transport.close();
}

async function keysOf(client: StreamClient<Uint8Array>): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = [];
  for (let cursor = "0"; ; ) {
    const argv = ["SCAN", cursor, "COUNT", "1000"];
    const reply = (await client.sendCommand(argv)) as unknown as [Uint8Array, Uint8Array[]];
    keys.push(...reply[1]);
    cursor = new TextDecoder().decode(reply[0]);
    if (cursor === "0") return keys;
  }
}
