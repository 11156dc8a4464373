/**
 * Messages that no consumer could finish: put aside in a stream of their own, with the reason, and
 * sent round again when that was mended.
 *
 * A dead letter is an entry whose first five fields say where it came from and why, and whose other
 * fields are those of the message, byte by byte:
 *
 *     dead:stream  dead:group  dead:id  dead:deliveries  dead:reason  …
 */

import { CommandError } from "../errors.ts";
import * as limits from "../limits.ts";
import {
  type Argument,
  type ReplyReader,
  type ReplyValue,
  readArray,
  readBytes,
  readInteger,
  readText,
} from "../resp.ts";
import type { Codec } from "./codec.ts";
import { type EntriesOptions, EntrySteps } from "./entry-steps.ts";
import { besideKey, type FieldValue, Link } from "./link.ts";

/** Fields of a dead letter that are not the message's. */
const OWN_FIELDS = ["stream", "group", "id", "deliveries", "reason"].map((name) => `dead:${name}`);

/** A field as it lies in the stream. */
type Pair = readonly [name: Uint8Array, value: Uint8Array];

/** The dead letters of one group. */
export class DeadLetterOffice {
  readonly #link: Link<never, unknown>;
  readonly #group: string;
  /** The stream of dead letters. */
  readonly key: string;

  constructor(link: Link<never, unknown>, group: string, key: string | undefined) {
    this.#link = link;
    this.#group = group;
    this.key = key ?? besideKey(link.key, `${group}:dead`);
  }

  /**
   * Makes a dead letter of a pending message and acknowledges it, in one transaction. Nothing when
   * it is pending no more: so it may be repeated.
   */
  async bury(id: string, deliveries: number, reason: string): Promise<void> {
    const { key } = this.#link;
    const group = this.#group;
    const [isPending, message] = await Promise.all([
      this.#link.send(["XPENDING", key, group, id, id, "1"], takeHasItems),
      this.#pairs(key, id),
      // Refused when it is no stream. In the transaction that would be found too late.
      this.#link.send(["XLEN", this.key], readInteger),
    ]);
    if (!isPending) return;
    const own = [key, group, id, String(deliveries), reason.slice(0, limits.reasonCharacters)];
    const fields: Argument[] = OWN_FIELDS.flatMap((name, i) => [name, own[i] as string]);
    const add = ["XADD", this.key, "*", ...fields, ...(message ?? []).flat()];
    const replies = await this.#link.transport.transact(
      [add, ["XACK", key, group, id]],
      takeReplies,
    );
    if (!(replies[0] instanceof CommandError)) return;
    // A transaction goes on behind a command that fails: the message is made pending again.
    const again = ["IDS", "1", id, "RETRYCOUNT", String(deliveries), "FORCE"];
    await this.#link.send(["XNACK", key, group, "FAIL", ...again], readInteger);
    throw replies[0];
  }

  /** Dead letters as they lie there. */
  read(options: EntriesOptions): EntrySteps<RawFields> {
    const { codec, transport } = this.#link;
    const asTheyAre = {
      values: codec.values,
      encode: () => ({}),
      decode: (fields: RawFields) => fields,
    } as Codec<never, RawFields>;
    return EntrySteps.between(new Link(this.key, transport, asTheyAre, undefined), options);
  }

  /** Has it delivered again, to this group alone where its entry still exists; under which ID. */
  async redrive(id: string, origin: string): Promise<string | null> {
    const { key, transport } = this.#link;
    const [letter, message] = await Promise.all([
      this.#pairs(this.key, id),
      this.#pairs(key, origin),
    ]);
    if (letter === undefined) return null;
    const remove = ["XDEL", this.key, id];
    if (message !== undefined) {
      const release = ["IDS", "1", origin, "RETRYCOUNT", "0", "FORCE"];
      const nack = ["XNACK", key, this.#group, "SILENT", ...release];
      const [released] = await transport.transact([nack, remove], takeReplies);
      if (released instanceof CommandError) throw released;
      if (released !== 0) return origin;
    }
    const add = ["XADD", key, "*", ...letter.slice(OWN_FIELDS.length).flat()];
    const [added] = await transport.transact([add, remove], takeReplies);
    if (added instanceof CommandError) throw added;
    return String(added);
  }

  /** Removes it. */
  async delete(id: string): Promise<void> {
    await this.#link.send(["XDEL", this.key, id], readInteger);
  }

  /** The fields of an entry, if there is one. */
  #pairs(key: string, id: string): Promise<Pair[] | undefined> {
    return this.#link.send(["XRANGE", key, id, id], (reader) => {
      const [pairs] = readArray(reader, takePairs);
      return pairs;
    });
  }
}

type RawFields = Record<string, FieldValue>;

/** A dead letter whose message is not a value yet. */
export interface DeadLetterFields {
  readonly id: string;
  readonly origin: { readonly stream: string; readonly group: string; readonly id: string };
  readonly deliveries: number;
  readonly reason: string;
  /** The message's fields. */
  readonly fields: RawFields;
}

const decoder = new TextDecoder();

/** A dead letter from its entry. */
export function letterOf(id: string, all: RawFields): DeadLetterFields {
  const fields = { ...all };
  const own = OWN_FIELDS.map((name) => {
    const value = fields[name] ?? "";
    delete fields[name];
    return typeof value === "string" ? value : decoder.decode(value);
  });
  const [stream = "", group = "", origin = "", deliveries, reason = ""] = own;
  return {
    id,
    origin: { stream, group, id: origin },
    deliveries: Number(deliveries),
    reason,
    fields,
  };
}

function takePairs(reader: ReplyReader): Pair[] {
  reader.items();
  reader.text();
  const pairs: Pair[] = [];
  for (let left = reader.items(); left > 0; left -= 2) {
    pairs.push([readBytes(reader), readBytes(reader)]);
  }
  return pairs;
}

function takeHasItems(reader: ReplyReader): boolean {
  const start = reader.mark();
  const items = reader.items();
  reader.skipFrom(start);
  return items > 0;
}

/** Replies of a transaction: texts and numbers, or why one was refused. */
function takeReplies(reader: ReplyReader): ReplyValue[] {
  return readArray(reader, (reply) => reply.value(readText));
}
