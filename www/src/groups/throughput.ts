/**
 * How much each consumer of a group is given. The server counts that for the group only; what a
 * consumer was given since the last look and still has can be listed, and the rest belongs to
 * those that were given something since. With one of those it is his; with more it is shared
 * equally, and the figure is an estimate.
 */

import type { Eddyline } from "eddyline";
import { RATE_MS } from "../observe/observer.ts";
import type { GroupSample } from "../observe/sample.ts";

/** Entries that were delivered since the last look and are listed. */
const LISTED = 1000;

/** What a consumer is given a second. */
export interface ConsumerRate {
  readonly perSecond: number;
  readonly isEstimate: boolean;
}

interface Share {
  readonly entries: number;
  readonly isEstimate: boolean;
}

interface Span {
  readonly atMs: number;
  readonly passedMs: number;
  readonly shares: ReadonlyMap<string, Share>;
}

interface Look {
  readonly atMs: number;
  readonly lastDeliveredId: string;
  readonly entriesRead: number;
}

/** Takes looks at one group, one after the other. */
export class Throughput {
  #last: Look | null = null;
  #spans: readonly Span[] = [];

  /** Takes a look. */
  async take(db: Eddyline, key: string, group: GroupSample, atMs: number): Promise<void> {
    const before = this.#last;
    const { lastDeliveredId, entriesRead, name } = group;
    if (entriesRead === null) {
      this.#last = null;
      return;
    }
    this.#last = { atMs, lastDeliveredId, entriesRead };
    if (before === null || atMs <= before.atMs || entriesRead < before.entriesRead) return;
    const given = entriesRead - before.entriesRead;
    const range = [`(${before.lastDeliveredId}`, lastDeliveredId] as const;
    const listed =
      given === 0 ? [] : await db.xPendingRange(key, name, ...range, Math.min(given, LISTED));
    const held = new Map<string, number>();
    for (const { consumer } of listed) held.set(consumer, (held.get(consumer) ?? 0) + 1);
    const passedMs = atMs - before.atMs;
    const shares = sharesOf(group, held, given, passedMs);
    const spans = this.#spans.filter((span) => span.atMs > atMs - 2 * RATE_MS);
    this.#spans = [...spans, { atMs, passedMs, shares }];
  }

  /** What a consumer is given of late; `null` until it is known. */
  rate(consumer: string): ConsumerRate | null {
    const passedMs = this.#spans.reduce((sum, span) => sum + span.passedMs, 0);
    if (passedMs === 0) return null;
    const shares = this.#spans.map(({ shares }) => shares.get(consumer));
    const entries = shares.reduce((sum, share) => sum + (share?.entries ?? 0), 0);
    const isEstimate = shares.some((share) => share?.isEstimate === true);
    return { perSecond: (entries * 1000) / passedMs, isEstimate };
  }
}

/** Divides what the group was given among its consumers. */
function sharesOf(
  { members }: GroupSample,
  held: ReadonlyMap<string, number>,
  given: number,
  passedMs: number,
): Map<string, Share> {
  const listed = [...held.values()].reduce((sum, one) => sum + one, 0);
  const rest = Math.max(0, given - listed);
  const active = (members ?? []).filter(
    ({ inactiveMs }) => inactiveMs !== null && inactiveMs <= passedMs,
  );
  const isEstimate = rest > 0 && active.length > 1;
  const shares = new Map<string, Share>();
  for (const [name, entries] of held) shares.set(name, { entries, isEstimate: false });
  for (const { name } of active) {
    const own = held.get(name) ?? 0;
    shares.set(name, { entries: own + rest / active.length, isEstimate });
  }
  return shares;
}
