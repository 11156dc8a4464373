/**
 * Messages that no consumer could finish, put aside with the reason and sent round again: the same
 * entries that `db.stream(key).group(name)` of the package makes, each step a command that is shown.
 */

import type { Eddyline, ReplyValue } from "eddyline";
import type { GroupWork } from "./work.ts";

/** A dead letter. */
export interface Letter {
  /** Its ID among the dead letters. */
  readonly id: string;
  /** The ID of the message; empty when it is not told. */
  readonly origin: string;
  readonly deliveries: string;
  readonly reason: string;
}

/** Dead letters that are listed, the newest first. */
export const MOST_LETTERS = 500;

const OWN_FIELDS = ["stream", "group", "id", "deliveries", "reason"].map((name) => `dead:${name}`);
const DECODER = new TextDecoder();

type Bytes = Uint8Array<ArrayBuffer>;

/** The stream of a group's dead letters; on a Worker it is beside the stream itself. */
export function deadKeyOf(key: string, group: string): string {
  const hasTag = /\{[^}]+\}/.test(key);
  return `${hasTag ? key : `{${key}}`}:${group}:dead`;
}

/** The dead letters of a group. */
export async function readLetters(db: Eddyline, deadKey: string): Promise<Letter[]> {
  const entries = await db.xRevRange(deadKey, "+", "-", { COUNT: MOST_LETTERS });
  return (entries ?? []).map(({ id, message }) => ({
    id,
    origin: message["dead:id"] ?? "",
    deliveries: message["dead:deliveries"] ?? "",
    reason: message["dead:reason"] ?? "",
  }));
}

/** Makes a dead letter of a pending message and acknowledges it, both or neither. */
export async function bury(
  db: Eddyline,
  { commands, key, group }: GroupWork,
  { id, deliveries }: { readonly id: string; readonly deliveries: number },
  reason: string,
): Promise<void> {
  const deadKey = deadKeyOf(key, group);
  // Refused when it is no stream. In the transaction that would be found too late.
  const [message] = await Promise.all([fieldsOf(db, key, id), db.xLen(deadKey)]);
  const own = [key, group, id, String(deliveries), reason];
  const fields = OWN_FIELDS.flatMap((name, at) => [name, own[at] as string]);
  try {
    await commands.runTogether([
      ["XADD", deadKey, "*", ...fields, ...(message ?? [])],
      ["XACK", key, group, id],
    ]);
  } catch (error) {
    const { CommandError, MultiErrorReply } = await import("eddyline");
    const added = error instanceof MultiErrorReply ? error.replies[0] : null;
    if (!(added instanceof CommandError)) throw error;
    // A transaction goes on behind a command that fails: the message is made pending again.
    const again = ["IDS", "1", id, "RETRYCOUNT", String(deliveries), "FORCE"];
    await commands.run(["XNACK", key, group, "FAIL", ...again]);
    throw added;
  }
}

/** Has it delivered again: to this group alone where its entry still exists, else as a new entry. */
export async function replay(
  db: Eddyline,
  { commands, key, group }: GroupWork,
  { id, origin }: Letter,
): Promise<void> {
  const deadKey = deadKeyOf(key, group);
  const remove = ["XDEL", deadKey, id];
  const [letter, message] = await Promise.all([
    fieldsOf(db, deadKey, id),
    origin === "" ? null : fieldsOf(db, key, origin),
  ]);
  if (letter === null) return;
  if (message !== null) {
    const release = ["IDS", "1", origin, "RETRYCOUNT", "0", "FORCE"];
    const nack = ["XNACK", key, group, "SILENT", ...release];
    const [released] = await commands.runTogether([nack, remove]);
    if (released !== 0) return;
  }
  await commands.runTogether([["XADD", key, "*", ...ofMessage(letter)], remove]);
}

/** Deletes dead letters. */
export async function deleteLetters(
  { commands, key, group }: GroupWork,
  ids: readonly string[],
): Promise<void> {
  await commands.run(["XDEL", deadKeyOf(key, group), ...ids]);
}

/** The message's own fields: those behind the five that say why it is here. */
function ofMessage(letter: readonly Bytes[]): readonly Bytes[] {
  const first = letter[0];
  return first !== undefined && DECODER.decode(first) === OWN_FIELDS[0]
    ? letter.slice(2 * OWN_FIELDS.length)
    : letter;
}

/** The fields and values of an entry byte by byte; `null` when there is none. */
async function fieldsOf(db: Eddyline, key: string, id: string): Promise<Bytes[] | null> {
  const reply = await db.withBytes().sendCommand(["XRANGE", key, id, id]);
  const [entry] = reply as ReplyValue<Uint8Array>[];
  return Array.isArray(entry) ? (entry[1] as Bytes[]) : null;
}
