/** A tab that follows, as the leader serves it. */

import type { EngineHost } from "../host.ts";
import type { LocalTransport } from "../local.ts";
import { readText } from "../resp.ts";
import type { AnswerLedger } from "../storage/answers.ts";
import { Lane } from "./lane.ts";
import type { Answering, Asking, Words } from "./messages.ts";

/** What a leader has: the engine, and the answers that are kept. */
export interface Lead {
  readonly local: LocalTransport;
  readonly answers: AnswerLedger;
}

type Ask = Extract<Asking, { kind: "ask" }>;

/** A tab, from its first greeting to its end. */
export class Follower {
  readonly #tab: string;
  readonly #channel: BroadcastChannel;
  readonly #lead: Promise<Lead>;
  readonly #lanes = new Map<number, Lane>();
  /** What is being done for it: one message after the other. */
  #work: Promise<void> = Promise.resolve();
  #session = 0;
  #isOver = false;

  constructor(tab: string, channel: BroadcastChannel, lead: Promise<Lead>) {
    this.#tab = tab;
    this.#channel = channel;
    this.#lead = lead;
    channel.onmessage = ({ data }: MessageEvent<Asking>) => this.#receive(data);
  }

  /** The number of its last greeting. */
  get session(): number {
    return this.#session;
  }

  /**
   * It begins a session: what the one before still did is brought to an end, and the answers kept
   * for it are told.
   */
  greet(session: number, unanswered: readonly number[]): void {
    this.#session = session;
    this.#endLanes();
    this.#then(async ({ local, answers }) => {
      // Behind all that was done for it before. Should that fail, storage says what was done.
      await local.send(["PING"], readText).catch(() => {});
      await local.host();
      const isUnanswered = new Set(unanswered);
      answers.forget(this.#tab, (number) => isUnanswered.has(number));
      this.#tell(session, { kind: "welcome", answers: answers.of(this.#tab) });
    });
  }

  /** It is served no longer. */
  end(): void {
    this.#isOver = true;
    this.#endLanes();
    this.#channel.close();
  }

  #receive(message: Asking): void {
    this.#then(async (lead) => {
      if (message.session !== this.#session) return;
      if (message.kind === "ask") await this.#ask(message, lead);
      else if (message.kind === "run") this.#lanes.get(message.lane)?.goOn();
      else this.#endLane(message.lane);
    });
  }

  /** Does something when everything before it is done. */
  #then(task: (lead: Lead) => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      try {
        if (!this.#isOver) await task(await this.#lead);
      } catch {
        // There is no engine any more: the tab asks the next leader.
      }
    });
  }

  async #ask(message: Ask, { local, answers }: Lead): Promise<void> {
    const host = await local.host();
    const taken = new Set(message.taken);
    if (taken.size > 0) answers.forget(this.#tab, (number) => !taken.has(number));
    if (this.#isOver || message.session !== this.#session) return;
    const lane = this.#lanes.get(message.lane) ?? this.#openLane(message, host);
    lane.run(message);
  }

  #openLane({ session, lane: number, isOnce }: Ask, host: EngineHost): Lane {
    const lane = new Lane(host, this.#tab, {
      tell: (answers, isKept) => {
        this.#tell(session, { kind: "answer", answers, isKept });
        if (isOnce) this.#endLane(number, lane);
      },
      fail: (numbers, reason) => {
        this.#lanes.delete(number);
        this.#fail(session, numbers, reason);
      },
    });
    this.#lanes.set(number, lane);
    return lane;
  }

  /** Tells of requests that went down with the engine, but for those whose change was kept. */
  #fail(session: number, numbers: readonly number[], reason: unknown): void {
    this.#then(async ({ local, answers }) => {
      await local.host();
      const kept = answers.of(this.#tab).filter(([number]) => numbers.includes(number));
      this.#tell(session, { kind: "answer", answers: kept, isKept: true });
      const lost = numbers.filter((number) => !kept.some(([other]) => other === number));
      const { code = "", message } = reason as Error & { code?: string };
      this.#tell(session, { kind: "failure", numbers: lost, code, message });
    });
  }

  #endLane(number: number, lane = this.#lanes.get(number)): void {
    if (lane === undefined || this.#lanes.get(number) !== lane) {
      this.#tell(this.#session, { kind: "ended", lane: number });
      return;
    }
    // What was done is answered: that is on its way through the gate, and its end comes behind it.
    if (lane.isAnswered) return;
    this.#lanes.delete(number);
    lane.leave();
    this.#tell(this.#session, { kind: "ended", lane: number });
  }

  #endLanes(): void {
    for (const lane of this.#lanes.values()) lane.leave();
    this.#lanes.clear();
  }

  #tell(session: number, words: Words<Answering>): void {
    if (!this.#isOver) this.#channel.postMessage({ session, ...words });
  }
}
