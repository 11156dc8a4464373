/**
 * The conversations that real clients have with a real Redis, held by the clients that stand in for
 * them, with no server: the same methods, options and callbacks have the same answers.
 */

import process from "node:process";

/** Other clients, and other protocols, which here make no difference. */
const CLIENTS = [
  ...["iovalkey", "iovalkey and its connection"],
  ...["node-redis, RESP2", "node-redis and its connection, RESP2"],
];
/** What there is no server for, as docs/compat.md says. */
const CONVERSATIONS = [
  ...["a server that restarts", "a server that is not there yet", "subscribed in RESP2"],
];
/** Answers that are known to be different, as docs/compat.md says: if one is equal, its test fails. */
const ANSWERS = [
  // IDs stay texts where blobs are mapped to `Buffer`.
  ...["xAdd", "xRange", "xRead", "xReadGroup", "xPendingRange", "xInfoGroups"].map(
    (what) => `node-redis, RESP3: keeps bytes: ${what}`,
  ),
  // It does not say what library it is.
  "node-redis and its connection, RESP3: a name and a database: clientInfo",
  // node-redis fails there.
  "node-redis, RESP3: groups: xReadGroup history",
];

process.env.EDDYLINE_DROP_INS = [...CLIENTS, ...CONVERSATIONS, ...ANSWERS].join("; ");

const FILES = [
  "ioredis",
  "ioredis-connection",
  "ioredis-plain",
  "node-redis",
  "node-redis-connection",
];
for (const name of FILES) await import(`../clients/${name}.test.ts`);
