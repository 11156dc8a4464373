/** A group's read that waited at an object that was lost: whether it may be put again. */

import { CommandError } from "../errors.ts";
import { encodeRequests } from "../framing.ts";
import { ReplyReader, readText } from "../resp.ts";
import { exchange, LinkFailure, type Wait } from "./link.ts";
import { readWait } from "./share.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What the door asks for itself may see everything. */
const TERMS = { protocol: 3, rules: new Uint8Array(0) } as const;
const decoder = new TextDecoder();

/**
 * Whether nothing was delivered to the consumer since the wait began. If something was, its entries
 * are pending, and the client has to be told that it missed a reply.
 *
 * That is known once another life of the object answers, as then nobody waits in the old one any
 * more; and by when the consumer was last given something, which is by the old one's clock as well
 * as when the wait began. What is read with NOACK leaves no trace, so of that it is never known.
 */
export async function gaveNothing(object: DurableObjectStub, wait: Wait): Promise<boolean> {
  const { words, streamsAt, keys } = readWait(wait.request);
  const [, , group, consumer, ...rest] = words.map((word) => decoder.decode(word));
  if (rest.slice(0, streamsAt - 4).includes("NOACK")) return false;
  const requests = keys.map((key) =>
    encodeRequests([["XINFO", "STREAM", key, "FULL", "COUNT", "1"]]),
  );
  try {
    const { bytes, life } = await exchange(object, requests, TERMS);
    if (life === null || wait.life === null || life === wait.life) return false;
    const reader = new ReplyReader(bytes);
    const times = keys.flatMap(() => timesGiven(reader.value(readText), group, consumer));
    return times.every((timeMs) => timeMs < wait.sinceMs);
  } catch (error) {
    if (error instanceof LinkFailure) return false;
    throw error;
  }
}

/** When a consumer was last given something; nothing where it, its group or the key is not there. */
function timesGiven(info: unknown, group: unknown, consumer: unknown): number[] {
  const named = (list: unknown, name: unknown) =>
    ((list ?? []) as Fields[]).filter((one) => one.name === name);
  const groups = info instanceof CommandError ? [] : named((info as Fields).groups, group);
  const consumers = groups.flatMap(({ consumers }) => named(consumers, consumer));
  return consumers.map((one) => Number(one["active-time"]));
}
