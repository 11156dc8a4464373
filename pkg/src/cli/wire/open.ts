/** Finds the place at an address, and loads what that takes. */

import type { Place } from "./place.ts";

/**
 * Opens the place at an address.
 *
 * @throws UnsupportedError when it is no address of one
 * @throws StorageError when a folder cannot be read, or is in use
 */
export async function openPlace(address: string, token: string | undefined): Promise<Place> {
  if (/^rediss?:/i.test(address)) return (await import("./redis.ts")).redisPlace(address);
  if (/^(https?|wss?):/i.test(address))
    return (await import("./socket.ts")).socketPlace(address, token);
  return await (await import("./local.ts")).localPlace(address);
}
