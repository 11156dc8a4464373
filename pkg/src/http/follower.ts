/** One who follows a stream from an entry on, event by event. */

import { isBefore } from "../ids.ts";
import * as limits from "../limits.ts";
import type { ReplyReader } from "../resp.ts";
import { askOnce } from "./ask.ts";
import { Batch, readRequest } from "./batch.ts";
import type { Call } from "./call.ts";
import { Conversation, whenExpired } from "./conversation.ts";
import { replyFailure } from "./failure.ts";
import type { Feed, Lead } from "./feed.ts";
import { event, eventBytes, HEARTBEAT } from "./sse.ts";
import { StreamState } from "./stream-state.ts";

/**
 * Reads by itself until it has come to the end, and goes on with the feed of all who are there;
 * back and forth, as it can keep up. Where it is it knows by the last entry's ID alone.
 */
export class Follower {
  readonly #call: Call;
  readonly #key: string;
  readonly #fields: ReadonlySet<string> | undefined;
  readonly #feed: Feed;
  readonly #forgetExpiry: () => void;
  /** The session over which it leads. */
  #conversation: Conversation | undefined;
  #lead: Lead | undefined;
  /** The batch of the feed that it takes next; `undefined`: it reads by itself. */
  #seat: number | undefined;
  /** The last entry that was taken. */
  #lastId = "0-0";
  /** More was there than was read, so something may be trimmed before it is. */
  #isBehind = false;
  /** What goes out with the next batch. */
  #pending = `retry: ${limits.retryMs}\n\n`;
  #heartbeatAtMs = 0;
  /** Why it is over. */
  #reason: unknown;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** @param fields those that are wanted; `undefined`: all */
  constructor(call: Call, key: string, fields: ReadonlySet<string> | undefined) {
    this.#call = call;
    this.#key = key;
    this.#fields = fields;
    this.#feed = call.backend.feeds.of(key);
    this.#forgetExpiry = whenExpired(call.access, () => this.#end("the token has expired"));
    call.request.signal.addEventListener("abort", () => this.close());
  }

  /**
   * Takes its place behind an entry; `$`: the last one.
   *
   * @throws Failure when the stream may not be read, or is none
   */
  async begin(from: string): Promise<void> {
    // The read gives nothing. It says whether this token may read what others read for it.
    const test = ["XREAD", "COUNT", "1", "STREAMS", this.#key, "$"];
    const { end } = this.#feed;
    const reply = await this.#ask(["XINFO", "STREAM", this.#key], test);
    const state = StreamState.read(reply);
    if (reply.isError()) throw replyFailure(reply.error().message);
    this.#lastId = from === "$" ? state.lastGenerated : from;
    this.#noticeGap(state);
    if (!isBefore(this.#lastId, state.lastGenerated)) this.#takeSeat(end);
  }

  /** The next events; a heartbeat when nothing happens for a while. */
  async next(): Promise<Uint8Array> {
    this.#heartbeatAtMs = Date.now() + limits.heartbeatMs;
    for (;;) {
      if (this.#isOver) throw this.#reason;
      if (this.#isBehind) {
        this.#isBehind = false;
        this.#noticeGap(await this.#state());
      }
      if (this.#pending !== "") return this.#takePending();
      const seat = this.#seat;
      const bytes = seat === undefined ? await this.#catchUp() : await this.#follow(seat);
      if (bytes !== undefined) return bytes;
    }
  }

  /** Ends it from this side. */
  close(): void {
    this.#end("the reader has gone");
  }

  #end(reason: unknown): void {
    if (this.#isOver) return;
    [this.#isOver, this.#reason] = [true, reason];
    this.#forgetExpiry();
    this.#lead?.end();
    this.#conversation?.close();
    this.#wake?.();
  }

  #takePending(): Uint8Array {
    const text = this.#pending;
    this.#pending = "";
    return eventBytes(text);
  }

  /** Says so when entries behind the last one have been deleted. */
  #noticeGap(state: StreamState): void {
    if (!state.lacksBehind(this.#lastId)) return;
    const data = JSON.stringify({ after: this.#lastId, first: state.first });
    this.#pending += event({ event: "gap", data });
  }

  async #state(): Promise<StreamState> {
    return StreamState.read(await this.#ask(["XINFO", "STREAM", this.#key]));
  }

  #ask(...commands: readonly string[][]): Promise<ReplyReader> {
    return askOnce(this.#call, commands);
  }

  /** Reads by itself, until there is nothing: then it takes a seat. */
  async #catchUp(): Promise<Uint8Array | undefined> {
    const { end } = this.#feed;
    const batch = readBatch(this.#lastId, await this.#ask(readRequest(this.#key, this.#lastId)));
    if (batch === undefined) {
      this.#takeSeat(end);
      return undefined;
    }
    this.#isBehind = batch.count > 1;
    return this.#take(batch) ?? eventBytes(HEARTBEAT);
  }

  /**
   * Goes on with the feed. There was nothing behind the last entry, so nothing up to where the
   * feed was when that was asked: what it had read by then has been deleted since.
   */
  #takeSeat(end: string | undefined): void {
    if (end !== undefined && isBefore(this.#lastId, end)) this.#lastId = end;
    this.#seat = this.#feed.join(this.#lastId);
  }

  async #follow(seat: number): Promise<Uint8Array | undefined> {
    const batch = this.#feed.at(seat);
    if (batch !== undefined) {
      this.#seat = seat + 1;
      return this.#take(batch);
    }
    if (this.#feed.isGone(seat)) {
      this.#seat = undefined;
      this.#isBehind = true;
      return undefined;
    }
    if (!this.#feed.isLed) void this.#read();
    return (await this.#news()) ? undefined : eventBytes(HEARTBEAT);
  }

  /** Resolves when the feed may have news, or (`false`) a heartbeat is due. */
  async #news(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#wake = () => resolve(true);
    const forget = this.#feed.wait(this.#wake);
    const leftMs = Math.max(0, this.#heartbeatAtMs - Date.now());
    // Now and then it looks whether the lead is still there.
    const lookMs = Math.min(leftMs, limits.leadSilenceMs);
    const timer = setTimeout(() => resolve(lookMs < leftMs), lookMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  #take(batch: Batch): Uint8Array | undefined {
    const bytes = batch.select(this.#lastId, this.#fields);
    if (isBefore(this.#lastId, batch.last)) this.#lastId = batch.last;
    return bytes.byteLength > 0 ? bytes : undefined;
  }

  /** Reads for all, until it goes. */
  async #read(): Promise<void> {
    const lead = this.#feed.lead();
    this.#lead = lead;
    const signs = setInterval(() => lead.sign(), limits.leadSignMs);
    const { backend, access } = this.#call;
    this.#conversation ??= new Conversation(backend, access);
    try {
      for (let isBehind = false; await lead.isWanted(); ) {
        const after = this.#feed.end as string;
        if (isBehind && (await this.#state()).lacksBehind(after)) this.#feed.breakOff(lead);
        const request = readRequest(this.#key, after, limits.heartbeatMs);
        const batch = readBatch(after, await this.#conversation.ask(request));
        isBehind = batch !== undefined && batch.count > 1;
        if (batch !== undefined) this.#feed.add(lead, batch);
      }
    } catch (error) {
      this.#end(error);
    } finally {
      clearInterval(signs);
      lead.end();
    }
  }
}

function readBatch(after: string, reply: ReplyReader): Batch | undefined {
  if (reply.isError()) throw replyFailure(reply.error().message);
  return Batch.read(after, reply);
}
