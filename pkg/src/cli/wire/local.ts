/** An engine in this process. */

import { LocalTransport, noSuccession, type Succession } from "../../local.ts";
import { openStorage } from "../../local-opening.ts";
import { EngineBackend } from "../../server/engine-backend.ts";
import { MemoryStorage } from "../../storage/memory.ts";
import type { Place } from "./place.ts";

/** What becomes of a lost engine: it is restored, and who is connected connects again. */
const succession: Succession = { ...noSuccession, startsEmpty: true };

/** Opens the engine at `memory://` or `file:./folder`. */
export async function openLocal(
  address: string,
  events: Partial<Succession> = {},
): Promise<LocalTransport> {
  const storage = /^memory:/i.test(address) ? new MemoryStorage() : await openStorage(address, {});
  return await LocalTransport.open(storage, {}, { ...succession, ...events });
}

/** The place at `memory://` or `file:./folder`. */
export async function localPlace(address: string): Promise<Place> {
  const transport = await openLocal(address);
  const backend = new EngineBackend(() => transport.host());
  return {
    name: address.replace(/^memory:.*/i, "memory"),
    credentials: [],
    database: 0,
    connect: async (receiver) => {
      const connection = backend.connect(
        {
          send: (bytes) => receiver.receive(bytes),
          close: (reason) => receiver.end(reason ?? "Server closed the connection"),
        },
        { rules: [] },
      );
      return { send: (bytes) => connection.write(bytes), close: () => connection.close() };
    },
    close: () => transport.close(),
  };
}
