/**
 * What `import … from "eddyline/server"` gives.
 *
 * @module eddyline/server
 */

import "../entry/node.ts";

export type { StreamClient } from "../client.ts";
export * from "../errors.ts";
export { createToken, type TokenOptions } from "../http/tokens.ts";
export type {
  Appendfsync,
  Blob,
  BlobKey,
  Checkpoint,
  Commit,
  JournalBatch,
  Storage,
  Stored,
} from "../storage/storage.ts";
export type { ServerOptions, WebOptions } from "./options.ts";
export { createServer, type Server } from "./server.ts";
