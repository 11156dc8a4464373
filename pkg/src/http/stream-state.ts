/** What XINFO STREAM says of a stream, as far as those who follow it have to know. */

import { isBefore, isZero } from "../ids.ts";
import { type ReplyReader, readText } from "../resp.ts";
import { replyFailure } from "./failure.ts";

export class StreamState {
  /** 0-0 where there is no stream. */
  readonly lastGenerated: string;
  /** The first entry's ID. */
  readonly first: string | null;
  readonly #maxDeleted: string;
  readonly #hasLost: boolean;

  private constructor(info: Readonly<Record<string, unknown>>) {
    this.lastGenerated = String(info["last-generated-id"] ?? "0-0");
    const first = info["first-entry"] as [string, unknown] | null | undefined;
    this.first = first?.[0] ?? null;
    this.#maxDeleted = String(info["max-deleted-entry-id"] ?? "0-0");
    this.#hasLost = Number(info["entries-added"] ?? 0) > Number(info.length ?? 0);
  }

  /** Reads the reply. @throws Failure when the stream may not be read, or is none */
  static read(reply: ReplyReader): StreamState {
    if (!reply.isError()) return new StreamState(reply.value(readText) as Record<string, unknown>);
    const { message } = reply.error();
    if (message === "ERR no such key") return new StreamState({});
    throw replyFailure(message);
  }

  /** Whether an entry behind this one, or this one itself, was there and is no more. */
  lacksBehind(id: string): boolean {
    if (isZero(id)) return false;
    if (isBefore(id, this.#maxDeleted)) return true;
    if (!this.#hasLost) return false;
    return isBefore(id, this.first ?? this.lastGenerated);
  }
}
