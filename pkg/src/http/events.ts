/**
 * `GET /v1/streams/{key}/events`: a stream followed as Server-Sent Events.
 *
 * | | |
 * |---|---|
 * | `id:` | the entry's ID; a browser sends the last one back as `Last-Event-ID` when it reconnects |
 * | `data:` | the entry's fields as a JSON object |
 * | event `gap` | entries behind the wanted ID are there no more: `{"after", "first"}`, without an `id:` |
 * | `?from=` | entries behind this ID; `0` all there are, `$` (without it) those to come |
 * | `?fields=a,b` | of each entry these fields only; entries that have none of them are left out |
 *
 * The reader sets the pace: the next entries are read when those before have been taken, so a slow
 * reader costs one batch of memory. Heartbeats are comments.
 */

import { limits } from "../limits.ts";
import { type ReplyReader, readText, setField } from "../resp.ts";
import type { Call } from "./call.ts";
import { Conversation } from "./conversation.ts";
import { Failure, replyFailure } from "./failure.ts";
import { event, eventBytes, eventStream, HEARTBEAT } from "./sse.ts";

/** An entry's ID, or 0-0. */
const ID = /^\d{1,20}(-\d{1,20})?$/;

/** The route. */
export async function followStream(call: Call): Promise<Response> {
  const [key = ""] = call.parts;
  const conversation = new Conversation(call.backend, call.access);
  try {
    const follower = new Follower(conversation, key, fieldsOf(call.url));
    await follower.begin(startOf(call));
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) =>
      follower.next().then(
        (text) => controller.enqueue(eventBytes(text)),
        // The reader comes again and goes on behind the last ID that it has.
        () => controller.close(),
      );
    const cancel = () => conversation.close();
    return eventStream(new ReadableStream({ pull, cancel }, { highWaterMark: 0 }));
  } catch (error) {
    conversation.close();
    throw error;
  }
}

/** Behind which ID to begin: what a browser sends by itself goes before what its address says. */
function startOf({ request, url }: Call): string {
  const sent = request.headers.get("last-event-id") ?? url.searchParams.get("lastEventId");
  const id = sent || url.searchParams.get("from") || "$";
  if (id !== "$" && !ID.test(id))
    throw new Failure(400, "ERR from: an entry ID, 0 for all entries, or $ for those to come");
  return id;
}

function fieldsOf(url: URL): ReadonlySet<string> | undefined {
  const fields = url.searchParams.getAll("fields").flatMap((list) => list.split(","));
  return fields.length === 0 ? undefined : new Set(fields);
}

/** Reads a stream batch by batch. */
class Follower {
  readonly #conversation: Conversation;
  readonly #key: string;
  readonly #fields: ReadonlySet<string> | undefined;
  /** The last entry that was read. */
  #lastId = "0-0";
  /** More was there than was read, so something may be trimmed before it is. */
  #isBehind = true;
  /** What goes out with the next batch. */
  #pending = `retry: ${limits.retryMs}\n\n`;

  constructor(conversation: Conversation, key: string, fields: ReadonlySet<string> | undefined) {
    this.#conversation = conversation;
    this.#key = key;
    this.#fields = fields;
  }

  /** @throws Failure when the stream may not be read, or is none */
  async begin(from: string): Promise<void> {
    const { lastGenerated } = await this.#state();
    this.#lastId = from === "$" ? lastGenerated : from;
  }

  /** The next events; a heartbeat when nothing happens for a while. */
  async next(): Promise<string> {
    if (this.#isBehind) await this.#noticeGap();
    if (this.#pending !== "") return this.#takePending();
    const reply = await this.#conversation.ask([
      ...["XREAD", "COUNT", String(limits.eventEntries), "MAXSIZE", String(limits.eventBytes)],
      ...["BLOCK", String(limits.heartbeatMs), "STREAMS", this.#key, this.#lastId],
    ]);
    if (reply.isError()) throw replyFailure(reply.error().message);
    if (reply.takeNull()) return HEARTBEAT;
    return this.#readStreams(reply) || HEARTBEAT;
  }

  #takePending(): string {
    const text = this.#pending;
    this.#pending = "";
    return text;
  }

  /** Says so when entries behind the last one have been deleted. */
  async #noticeGap(): Promise<void> {
    this.#isBehind = false;
    const state = await this.#state();
    if (isZero(this.#lastId) || !state.lacksBehind(this.#lastId)) return;
    const data = JSON.stringify({ after: this.#lastId, first: state.first });
    this.#pending += event({ event: "gap", data });
  }

  async #state(): Promise<StreamState> {
    const reply = await this.#conversation.ask(["XINFO", "STREAM", this.#key]);
    if (!reply.isError()) return new StreamState(reply);
    const { message } = reply.error();
    if (message === "ERR no such key") return new StreamState();
    throw replyFailure(message);
  }

  #readStreams(reply: ReplyReader): string {
    let text = "";
    for (let streams = reply.pairs(); streams > 0; streams--) {
      reply.text();
      const entries = reply.items();
      this.#isBehind = entries > 1;
      for (let left = entries; left > 0; left--) text += this.#readEntry(reply);
    }
    return text;
  }

  #readEntry(reply: ReplyReader): string {
    reply.items();
    const id = reply.text();
    this.#lastId = id;
    const message: Record<string, string> = {};
    let isEmpty = true;
    for (let left = reply.items(); left > 0; left -= 2) {
      const [field, value] = [reply.text(), reply.text()];
      if (this.#fields?.has(field) === false) continue;
      setField(message, field, value);
      isEmpty = false;
    }
    return isEmpty ? "" : event({ id, data: JSON.stringify(message) });
  }
}

/** What XINFO STREAM says of a stream. */
class StreamState {
  readonly lastGenerated: string;
  readonly first: string | null;
  readonly #maxDeleted: string;
  readonly #hasLost: boolean;

  constructor(reply?: ReplyReader) {
    const info = (reply?.value(readText) ?? {}) as Record<string, unknown>;
    this.lastGenerated = String(info["last-generated-id"] ?? "0-0");
    const first = info["first-entry"] as [string, unknown] | null | undefined;
    this.first = first?.[0] ?? null;
    this.#maxDeleted = String(info["max-deleted-entry-id"] ?? "0-0");
    this.#hasLost = Number(info["entries-added"] ?? 0) > Number(info.length ?? 0);
  }

  /** Whether an entry behind this one, or this one itself, was there and is no more. */
  lacksBehind(id: string): boolean {
    if (isBefore(id, this.#maxDeleted)) return true;
    if (!this.#hasLost) return false;
    return isBefore(id, this.first ?? this.lastGenerated);
  }
}

function isZero(id: string): boolean {
  return /^0+(-0+)?$/.test(id);
}

function isBefore(a: string, b: string): boolean {
  const [aMs, aSeq] = partsOf(a);
  const [bMs, bSeq] = partsOf(b);
  return aMs < bMs || (aMs === bMs && aSeq < bSeq);
}

function partsOf(id: string): [ms: bigint, seq: bigint] {
  const [ms = "0", seq = "0"] = id.split("-");
  return [BigInt(ms), BigInt(seq)];
}
