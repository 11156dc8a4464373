/** What one does with pending entries, as commands. */

import type { CommandLog } from "../commands/log.ts";

/** IDs in one command. */
const BATCH = 500;

/** How an entry is given back: what its count of deliveries becomes. */
export const NACK_MODES = ["FAIL", "SILENT", "FATAL"] as const;

/** One of them. */
export type NackMode = (typeof NACK_MODES)[number];

/** What the modes mean. */
export const NACK_WORDS: Readonly<Record<NackMode, string>> = {
  FAIL: "the delivery counts",
  SILENT: "the delivery does not count",
  FATAL: "never to be delivered well",
};

/** A group and the commands that are sent about it. */
export interface GroupWork {
  readonly commands: CommandLog;
  readonly key: string;
  readonly group: string;
}

/** Acknowledges entries. @returns how many were pending */
export function acknowledge({ commands, key, group }: GroupWork, ids: string[]): Promise<number> {
  return inBatches(ids, (batch) => commands.run(["XACK", key, group, ...batch]));
}

/** Gives entries to another consumer, however long they have been pending. @returns how many */
export function claim(
  { commands, key, group }: GroupWork,
  ids: string[],
  consumer: string,
): Promise<number> {
  return inBatches(ids, async (batch) => {
    const claimed = await commands.run(["XCLAIM", key, group, consumer, "0", ...batch, "JUSTID"]);
    return Array.isArray(claimed) ? claimed.length : 0;
  });
}

/** Takes entries from their consumers, for whoever asks next. @returns how many */
export function giveBack(
  { commands, key, group }: GroupWork,
  ids: string[],
  mode: NackMode,
): Promise<number> {
  return inBatches(ids, (batch) =>
    commands.run(["XNACK", key, group, mode, "IDS", String(batch.length), ...batch]),
  );
}

async function inBatches(
  ids: readonly string[],
  act: (batch: readonly string[]) => Promise<unknown>,
): Promise<number> {
  let sum = 0;
  for (let at = 0; at < ids.length; at += BATCH)
    sum += Number(await act(ids.slice(at, at + BATCH)));
  return sum;
}
