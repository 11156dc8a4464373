/** Keyspaces that an entry opens as a whole, because they are more than a storage in this process. */

import type { LocalOptions } from "./engine-transport.ts";
import type { StorageOptions } from "./storage/storage.ts";
import type { ConnectingTransport, Leadership, MovingTransport, Transport } from "./transport.ts";

/** A keyspace that several share. */
export interface SharedKeyspace
  extends Transport,
    MovingTransport,
    ConnectingTransport,
    Leadership {}

/** Opens the keyspace at an address. */
export type OpenKeyspace = (
  address: string,
  options: LocalOptions & StorageOptions,
) => Promise<SharedKeyspace>;

const openers = new Map<string, OpenKeyspace>();

/** Says how keyspaces of a scheme are opened, as `idb:`. */
export function provideKeyspaces(scheme: string, open: OpenKeyspace): void {
  openers.set(scheme, open);
}

/** How keyspaces of a scheme are opened, if not as a storage in this process. */
export function keyspaceOpener(scheme: string | undefined): OpenKeyspace | undefined {
  return scheme === undefined ? undefined : openers.get(scheme);
}
