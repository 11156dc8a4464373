/**
 * The keyspaces that clients of this process share by address, as they would share a server: two
 * clients for `localhost:6379` see the same data, which lives as long as the process.
 */

import { LocalTransport, noSuccession, type Succession } from "../local.ts";
import { openStorage } from "../local-opening.ts";
import { MemoryStorage } from "../storage/memory.ts";

/** A keyspace in use. */
export interface Keyspace {
  readonly transport: LocalTransport;
  /** Ends this use; a folder is closed with its last one, what is in memory stays. */
  release(): Promise<void>;
}

interface Shared {
  readonly opening: Promise<LocalTransport>;
  uses: number;
}

/** A process may have this module twice, as CommonJS and not: the keyspaces are the same. */
const SHARED = Symbol.for("eddyline.keyspaces");

/** Keyspaces on their way out: whoever opens one again waits for that. */
const closing = new Map<string, Promise<void>>();

/** What is lost with a broken engine is lost with a server that crashes, too; the next one is empty. */
const restarts: Succession = { ...noSuccession, startsEmpty: true };

function shared(): Map<string, Shared> {
  const holder = globalThis as { [SHARED]?: Map<string, Shared> };
  holder[SHARED] ??= new Map();
  return holder[SHARED];
}

/**
 * The keyspace at an address: `memory://…` in this process, `file:…` and others as
 * `Eddyline.open` has them.
 */
export async function useKeyspace(address: string): Promise<Keyspace> {
  const isKept = address.startsWith("memory:");
  const all = shared();
  const existing = all.get(address);
  const keyspace = existing ?? { opening: open(address), uses: 0 };
  if (existing === undefined) all.set(address, keyspace);
  keyspace.uses++;
  const leave = () => {
    keyspace.uses--;
    if (keyspace.uses > 0 || all.get(address) !== keyspace) return false;
    all.delete(address);
    return true;
  };
  try {
    const transport = await keyspace.opening;
    return {
      transport,
      async release() {
        if (isKept || !leave()) return;
        const closed = transport.close();
        closing.set(address, closed);
        await closed;
        if (closing.get(address) === closed) closing.delete(address);
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}

/** Whatever `Date` is at the time: a test may put a clock of its own in its place. */
const now = (): number => Date.now();

async function open(address: string): Promise<LocalTransport> {
  await closing.get(address);
  const storage = address.startsWith("memory:")
    ? new MemoryStorage()
    : await openStorage(address, {});
  return await LocalTransport.open(storage, { now }, restarts);
}
