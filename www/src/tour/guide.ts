/** The guided tour: five things to try with the feed, each done when it has happened. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { FEED_GROUP, FEED_STREAM, type FeedConsumer, type FeedPlayer } from "./player.ts";

/** The steps in their order. */
export const STEPS = ["play", "stop", "pending", "claim", "finish"] as const;

/** One of them. */
export type Step = (typeof STEPS)[number];

/** What a step has to say. */
export interface Lesson {
  readonly title: string;
  readonly text: string;
  /** The command that it is about. */
  readonly command: string;
}

/** Follows what happens to a feed until `end` aborts. */
export class Guide {
  readonly #player: FeedPlayer;
  readonly #wasStopped = signal(false);
  readonly #wasSeen = signal(false);
  readonly #wasClaimed = signal(false);

  /** The consumer that was stopped at work: what it holds is pending and nobody works on it. */
  readonly stopped: ReadonlySignal<FeedConsumer | undefined> = computed(() =>
    this.#player.consumers.find(
      ({ working, relieved, holds }) => !working.value && !relieved.value && holds.value.length > 0,
    ),
  );
  /** What is to be tried now; `null` when all was. */
  readonly step: ReadonlySignal<Step | null> = computed(() => this.#step());

  constructor(player: FeedPlayer, end: AbortSignal) {
    this.#player = player;
    const dispose = effect(() => {
      if (player.appended.value === 0) this.#beginAgain();
      else if (this.stopped.value !== undefined) this.#wasStopped.value = true;
      if (player.consumers.some(({ relieved }) => relieved.value)) this.#wasClaimed.value = true;
    });
    end.addEventListener("abort", dispose);
  }

  /** The list of what is pending was looked at. */
  seen(): void {
    this.#wasSeen.value = true;
  }

  #beginAgain(): void {
    this.#wasStopped.value = false;
    this.#wasSeen.value = false;
    this.#wasClaimed.value = false;
  }

  #step(): Step | null {
    const { appended, acknowledged, events } = this.#player;
    const isDone = events.value > 0 && acknowledged.value === events.value;
    if (isDone) return null;
    if (appended.value === 0) return "play";
    if (!this.#wasStopped.value) return "stop";
    if (!this.#wasSeen.value) return "pending";
    return this.#wasClaimed.value ? "finish" : "claim";
  }
}

/** What the step has to say of the consumer that was stopped. */
export function lessonOf(step: Step, stopped: string, heir: string): Lesson {
  return LESSONS[step](stopped, heir);
}

const LESSONS: Readonly<Record<Step, (stopped: string, heir: string) => Lesson>> = {
  play: () => ({
    title: "Play the feed",
    text: "Each earthquake becomes an entry of a stream. A group shares the entries among its consumers: each goes to one of them.",
    command: `XREADGROUP GROUP ${FEED_GROUP} ana STREAMS ${FEED_STREAM} >`,
  }),
  stop: () => ({
    title: "Stop one at work",
    text: "What a consumer was given is pending until it says that it is done. Stop one while it has squares in hand: that is what a crash leaves.",
    command: `XACK ${FEED_STREAM} ${FEED_GROUP} ID …`,
  }),
  pending: (stopped) => ({
    title: "Look at what is pending",
    text: `Nothing is lost: what ${stopped} had in hand is in the group's pending entries list, under that name, and grows older. The others go on with what is new, and do not touch it.`,
    command: `XPENDING ${FEED_STREAM} ${FEED_GROUP} - + 8 ${stopped}`,
  }),
  claim: (_stopped, heir) => ({
    title: "Claim it",
    text: `Another consumer takes the entries over: they become those of ${heir}, and count one delivery more. In a program one claims what has been idle for longer than work may last.`,
    command: `XCLAIM ${FEED_STREAM} ${FEED_GROUP} ${heir} 0 ID …`,
  }),
  finish: (stopped) => ({
    title: "To the last event",
    text: `Let ${stopped} work again, or two do the work of three. When the feed is over each earthquake was counted, and none twice.`,
    command: `XINFO GROUPS ${FEED_STREAM}`,
  }),
};
