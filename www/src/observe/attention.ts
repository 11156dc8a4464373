/** What of a stream needs a person's attention, and how urgently. */

import { count, span } from "../base/format.ts";
import type { ObservedStream } from "./observer.ts";
import type { GroupSample } from "./sample.ts";

/** How urgent something is; greater is more so. */
export const Urgency = { none: 0, look: 1, act: 2 } as const;

/** One of them. */
export type UrgencyLevel = (typeof Urgency)[keyof typeof Urgency];

/** Something that a person should know. */
export interface Notice {
  readonly urgency: UrgencyLevel;
  readonly text: string;
  /** Among those equally urgent the greater comes first. */
  readonly weight: number;
}

/** An entry pending for so long is looked at, and then acted on. */
const PENDING_LOOK_MS = 60_000;
const PENDING_ACT_MS = 600_000;
/** An entry delivered so often fails for a reason of its own. */
const DELIVERIES_ACT = 5;
/** A lag that grew by so many entries over the span of the rates. */
const LAG_GROWTH = 10;

const QUIET: Notice = { urgency: Urgency.none, text: "", weight: 0 };

/** The most urgent notice about a stream. */
export function noticeOf(stream: ObservedStream): Notice {
  return stream.sample.groups
    .map((group) => named(group.name, noticeOfGroup(stream, group)))
    .reduce(moreUrgent, QUIET);
}

/** The most urgent notice about one group of a stream. */
export function noticeOfGroup(stream: ObservedStream, group: GroupSample): Notice {
  return [ofPending(group), ofDeliveries(group), ofLag(group, stream.lagGrowth(group.name))].reduce(
    moreUrgent,
    QUIET,
  );
}

/** The more urgent of two notices. */
export function moreUrgent(a: Notice, b: Notice): Notice {
  if (a.urgency !== b.urgency) return a.urgency > b.urgency ? a : b;
  return a.weight >= b.weight ? a : b;
}

function named(group: string, notice: Notice): Notice {
  return notice === QUIET ? QUIET : { ...notice, text: `${group}: ${notice.text}` };
}

function ofPending({ pending, oldestPending }: GroupSample): Notice {
  const idleMs = oldestPending?.idleMs ?? 0;
  if (idleMs < PENDING_LOOK_MS) return QUIET;
  const urgency = idleMs >= PENDING_ACT_MS ? Urgency.act : Urgency.look;
  return {
    urgency,
    text: `${count(pending)} pending, oldest ${span(idleMs)}`,
    weight: idleMs,
  };
}

function ofDeliveries({ oldestPending }: GroupSample): Notice {
  const deliveries = oldestPending?.deliveries ?? 0;
  if (deliveries < DELIVERIES_ACT) return QUIET;
  const text = `delivered ${count(deliveries)} times, never acknowledged`;
  return { urgency: Urgency.act, text, weight: deliveries };
}

function ofLag({ lag, consumers }: GroupSample, growth: number | null): Notice {
  if (lag === null || lag === 0) return QUIET;
  if (consumers === 0)
    return {
      urgency: Urgency.look,
      text: `${count(lag)} behind, no consumer`,
      weight: lag,
    };
  if ((growth ?? 0) < LAG_GROWTH) return QUIET;
  return { urgency: Urgency.look, text: `lag ${count(lag)} and growing`, weight: lag };
}
