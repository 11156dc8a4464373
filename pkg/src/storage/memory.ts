/** No storage: `memory://`. The state lives and ends with the engine. */

import type { Storage, Stored } from "./storage.ts";

/** Keeps nothing. The engine then writes no journal and evicts nothing. */
export class MemoryStorage implements Storage {
  readonly durable = false;

  load(): Stored {
    return { blobs: [], journal: [] };
  }

  read(): [] {
    return [];
  }

  commit(): void {}

  close(): void {}
}
