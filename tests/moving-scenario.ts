/** A stream with everything in it that has to be the same wherever it is moved. */

import type { Eddyline } from "../pkg/src/eddyline.ts";

const COUNT = 3000;

/**
 * Makes it: many segments, groups at several places, consumers, pending entries, deleted ones among
 * them, and idempotent IDs.
 */
export async function fillStream(db: Eddyline, key: string): Promise<void> {
  for (let n = 1; n <= COUNT; n++) void db.xAdd(key, `${n}-1`, { item: `tea ${n}`, n: `${n * n}` });
  await db.xAdd(key, `${COUNT + 1}-1`, { bytes: new Uint8Array([0, 255, 13, 10]), "": "unnamed" });
  await db.xCfgSet(key, { IDMP_DURATION: 86_400, IDMP_MAXSIZE: 50 });
  await addOnce(db, key);
  await db.xGroupCreate(key, "billing", "0");
  await db.xGroupCreate(key, "shipping", `${COUNT / 2}-1`);
  await db.xGroupCreate(key, "late", "$");
  await db.xGroupCreateConsumer(key, "late", "idle");
  await db.xReadGroup("billing", "anna", { key, id: ">" }, { COUNT: 1200 });
  await db.xReadGroup("billing", "bert", { key, id: ">" }, { COUNT: 5 });
  await db.xReadGroup("shipping", "carl", { key, id: ">" }, { COUNT: 30 });
  await db.xAck(key, "billing", ["1-1", "2-1", "3-1"]);
  await db.xClaim(key, "billing", "bert", 0, ["8-1", "9-1"], { RETRYCOUNT: 7 });
  await db.xNack(key, "billing", "FAIL", ["10-1", "11-1"]);
  await db.xDel(key, ["4-1", "900-1", `${COUNT - 1}-1`]);
  await db.xTrim(key, "MINID", "6-1");
}

/** Adds what is there already once it was added; gives its ID. */
export function addOnce(db: Eddyline, key: string): Promise<string | null> {
  const IDMP = { pid: "gateway-3", iid: "1071" };
  return db.xAdd(key, "*", { sent: "once" }, { IDMP });
}

/** All that is known of it, its values as bytes. */
export function known(db: Eddyline, key: string): Promise<unknown> {
  return db.withBytes().sendCommand(["XINFO", "STREAM", key, "FULL", "COUNT", "0"]);
}
