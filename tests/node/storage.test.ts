/** The storages that run in Node: each does what the contract says. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { SqliteStorage } from "../../pkg/src/storage/sqlite.ts";
import type { Appendfsync } from "../../pkg/src/storage/storage.ts";
import { contract } from "../storage/contract.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-storage-"));
after(() => rmSync(root, { recursive: true }));

for (const appendfsync of ["always", "everysec", "no"] satisfies Appendfsync[]) {
  describe(`file: storage, appendfsync ${appendfsync}`, () => {
    for (const [at, { name, run }] of contract.entries()) {
      it(name, () => {
        const open = (place: string) =>
          SqliteStorage.open(`file:${join(root, appendfsync, place)}`, { appendfsync });
        return run({ open }, String(at));
      });
    }
  });
}
