/** The package in Node: the module is read from disk, one that was built for speed. */

import { readFileSync } from "node:fs";
import process from "node:process";
import { UnsupportedError } from "../errors.ts";
import * as limits from "../limits.ts";
import { providePlatform } from "../platform.ts";
import type { OpenStorage } from "../storage/storage.ts";

/** Loaded when it is wanted: an older Node has no `node:sqlite`, and only this needs it. */
const openFolder: OpenStorage = async (address, options) => {
  const { SqliteStorage } = await import("../storage/sqlite.ts").catch((cause: unknown) => {
    const isOld = (cause as NodeJS.ErrnoException).code === "ERR_UNKNOWN_BUILTIN_MODULE";
    if (!isOld) throw cause;
    const message = `file: storage needs Node 22.13 or newer; this is Node ${process.versions.node}`;
    throw new UnsupportedError(message);
  });
  return SqliteStorage.open(address, options);
};

providePlatform({
  wasm: () => {
    const file = new URL("../../wasm/generated-node/eddyline_bg.wasm", import.meta.url);
    return new WebAssembly.Module(readFileSync(file));
  },
  maxResidentBytes: limits.nodeMaxResidentBytes,
  storages: new Map([["file:", openFolder]]),
});

export * from "../index.ts";
