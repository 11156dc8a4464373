/** Keyspaces in this process that are kept somewhere: loaded when one is opened. */

import type { LocalOptions } from "./engine-transport.ts";
import { UnsupportedError } from "./errors.ts";
import { keyspaceOpener } from "./keyspaces.ts";
import { LocalTransport } from "./local.ts";
import { platform } from "./platform.ts";
import type { Storage, StorageOptions } from "./storage/storage.ts";

/** Opens an engine over a storage, or over the one at an address. */
export async function openLocal(
  where: string | Storage,
  options: LocalOptions & StorageOptions,
): Promise<LocalTransport> {
  const storage = typeof where === "string" ? await openStorage(where, options) : where;
  return await LocalTransport.open(storage, options);
}

/**
 * Opens the storage at an address such as `file:./dir`.
 *
 * @throws UnsupportedError when this platform has none of the kind, or nobody has
 */
export async function openStorage(address: string, options: StorageOptions): Promise<Storage> {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(address)?.[0].toLowerCase() ?? "";
  const open = platform()?.storages?.get(scheme);
  if (open === undefined) throw new UnsupportedError(unknownAddress(scheme, address));
  return await open(address, options);
}

function unknownAddress(scheme: string, address: string): string {
  if (scheme === "file:" || scheme === "idb:") {
    const kept = ["file:", "idb:"].filter(
      (one) => platform()?.storages?.has(one) || keyspaceOpener(one) !== undefined,
    );
    const others = ["memory:", ...kept, "https:"].join(", ");
    return `this platform has no ${scheme} storage: it has ${others}`;
  }
  if (/^rediss?:$/.test(scheme)) {
    return `${scheme} is for Redis clients: streams of a Redis server are copied by \`npx eddyline pull\``;
  }
  return `"${address}" is no address of a keyspace: memory://, file:./dir, idb://name or http(s)://… is expected`;
}
