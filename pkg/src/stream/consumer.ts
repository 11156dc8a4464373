/**
 * A consumer of a group at work: one reading loop, messages handed out as they are asked for, and
 * nothing acknowledged that was not finished.
 *
 * A message is, in this order: delivered by the engine and *leased*; in the buffer; *in flight*
 * once somebody took it; *settled*. Whatever ends in between, the message stays in the group's
 * pending list, from which it is given back at once when that can still be said, and claimed by
 * idle time when not.
 */

import * as limits from "../limits.ts";
import type { DeadLetterOffice } from "./dead-letters.ts";
import type { GroupCommands } from "./group-commands.ts";
import { GroupMessage, Lease, type LeaseOwner, type Settlement } from "./lease.ts";
import { Leases } from "./leases.ts";
import { type Link, type Row, textOf } from "./link.ts";
import { pause, persist } from "./persist.ts";
import { Settlements } from "./settlements.ts";

/** Options of a consumer. Times are in milliseconds. */
export interface ConsumeOptions {
  /**
   * Its name, as `XINFO CONSUMERS` shows it. Nothing depends on it: by default all share `default`,
   * so that no names of consumers that have gone pile up.
   */
  readonly consumer?: string | undefined;
  /** Messages in flight at most, 1 by default: taken and not settled. */
  readonly concurrency?: number | undefined;
  /**
   * How long a message may go untended before others take it, 30 000 by default: so long it takes
   * until what a killed process had is delivered again. Consumers of a group give the same.
   */
  readonly minIdle?: number | undefined;
  /** How long a message may be in flight, 600 000 by default; then it counts as failed. */
  readonly timeout?: number | undefined;
  /** How often a message is delivered before it becomes a dead letter, 5 by default. */
  readonly maxDeliveries?: number | undefined;
  /**
   * Messages read ahead at most, 100 by default, 0 for none. Only as many are as were finished
   * within a tenth of a second lately, so that slow work is left to other consumers.
   */
  readonly prefetch?: number | undefined;
  /** How long what is in flight has to be settled after the end, 30 000 by default. */
  readonly drain?: number | undefined;
  /** Ends the consumption in good order: nothing new is taken, what is in flight is finished. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULTS = {
  consumer: "default",
  concurrency: 1,
  minIdle: 30_000,
  timeout: 600_000,
  maxDeliveries: 5,
  prefetch: 100,
  drain: 30_000,
};

/** The options with what is left out. */
export type ConsumerSettings = { readonly [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] };

/** A message that nobody has taken yet. */
interface Buffered<T> {
  readonly lease: Lease;
  readonly message: GroupMessage<T>;
}

/** One consumer of a group. */
export class Consumer<T> implements LeaseOwner {
  readonly #link: Link<never, T>;
  readonly #commands: GroupCommands<T>;
  readonly #office: DeadLetterOffice;
  readonly settings: ConsumerSettings;
  readonly #settlements: Settlements;
  readonly #leases: Leases;
  /** Nothing new is taken. */
  readonly #stopping = new AbortController();
  /** The time to end in good order is over. */
  readonly #ending = new AbortController();
  readonly #given: AbortSignal | undefined;
  readonly #stop = (): void => this.#stopTaking();
  readonly #buffer: Buffered<T>[] = [];
  readonly #inFlight = new Set<Lease>();
  /** Who wait for a message. */
  #takers = 0;
  #reading: Promise<void> | undefined;
  /** Who wait until something has changed. */
  #waiting: (() => void)[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #closing: Promise<void> | undefined;
  /** How many messages to read ahead. */
  #ahead = 0;
  #answeredMs = 0;
  #wasFull = false;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(
    link: Link<never, T>,
    commands: GroupCommands<T>,
    office: DeadLetterOffice,
    options: ConsumeOptions,
  ) {
    this.#link = link;
    this.#commands = commands;
    this.#office = office;
    const settings = settingsOf(options);
    this.settings = settings;
    const onFailure = (reason: unknown) => this.fail(reason);
    this.#settlements = new Settlements(commands, this.#ending.signal, onFailure);
    this.#leases = new Leases(commands, this.#settlements, settings, {
      onFailure,
      onLost: (lease) => this.#leave(lease),
      onTimeout: (lease) => this.#timeOut(lease),
      onUnused: (lease) => this.#leaveToOthers(lease),
    });
    this.#given = options.signal;
    this.#given?.addEventListener("abort", this.#stop, { once: true });
    if (this.#given?.aborted === true) this.#stop();
  }

  /**
   * Ends the consumption in good order: nothing new is taken, what was read ahead is given back,
   * what is in flight has the time of `drain`, and all that was settled is told to the engine.
   *
   * @throws the reason, when the consumption failed
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Resolves when all that was settled until now is told to the engine. */
  flush(): Promise<void> {
    return this.#settlements.finish();
  }

  /** Aborted when nothing new is taken any more. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** How many messages are in flight or asked for. */
  get load(): number {
    return this.#inFlight.size + this.#takers;
  }

  /** Resolves when a message was settled, or nothing new is taken. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next message, whatever the load; undefined at the end. */
  async take(): Promise<GroupMessage<T> | undefined> {
    for (;;) {
      const next = this.#buffer.shift();
      if (next !== undefined) return this.#begin(next);
      if (this.#isStopping) return undefined;
      this.#takers++;
      try {
        this.#reading ??= this.#read().finally(() => {
          this.#reading = undefined;
        });
        await this.#reading;
      } finally {
        this.#takers--;
      }
    }
  }

  /** Ends the consumption for a reason, which {@link close} throws. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#stop();
  }

  settle(lease: Lease, settlement: Settlement): void {
    this.#leave(lease);
    // What another consumer may have is his, but for the truth that it is finished.
    if (settlement.kind === "ack") {
      this.#leases.drop(lease);
      this.#settlements.ack(lease.id);
    } else if (lease.isLost) return;
    else if (settlement.kind === "reject") this.#bury(lease, settlement.reason);
    else this.#retry(lease, settlement.delayMs, settlement.reason);
  }

  extend(lease: Lease): void {
    this.#leases.restart(lease);
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #begin({ lease, message }: Buffered<T>): GroupMessage<T> {
    this.#leases.restart(lease);
    this.#inFlight.add(lease);
    return message;
  }

  #retry(lease: Lease, delayMs: number, reason: unknown): void {
    if (lease.deliveries >= this.settings.maxDeliveries) this.#bury(lease, reason);
    else if (delayMs > 0) this.#leases.delay(lease, delayMs);
    else {
      this.#leases.drop(lease);
      this.#settlements.release("FAIL", lease.id);
    }
  }

  /** Makes a dead letter of it. It stays leased until that is done. */
  #bury(lease: Lease, reason: unknown): void {
    lease.isOpen = false;
    const { id, deliveries } = lease;
    const bury = () => this.#office.bury(id, deliveries, textOf(reason ?? "no reason was given"));
    void this.#settlements.persist(bury).then(() => this.#leases.drop(lease));
  }

  #timeOut(lease: Lease): void {
    const reason = new DOMException(
      `message ${lease.id} was in flight for more than ${this.settings.timeout} ms`,
      "TimeoutError",
    );
    lease.lose(reason);
    this.#leave(lease);
    this.#retry(lease, 0, reason);
  }

  /** It is in flight no more, or not to be. */
  #leave(lease: Lease): void {
    if (!this.#inFlight.delete(lease)) {
      const place = this.#buffer.findIndex((buffered) => buffered.lease === lease);
      if (place >= 0) this.#buffer.splice(place, 1);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Reads once. Failures are told by {@link close}. */
  async #read(): Promise<void> {
    // Lets those come together who ask in this task.
    await Promise.resolve();
    if (this.#isStopping) return;
    this.#settlements.flush();
    const { signal } = this.#stopping;
    try {
      await persist(() => this.#commands.ensure(), signal);
      this.#sweep();
      const count = this.#takers + this.#readAhead();
      const rows = await persist(() => this.#deliver(count, signal), signal);
      this.#answeredMs = performance.now();
      this.#wasFull = rows.length >= count;
      const leases = rows.map((row) => this.#lease(row, this.#answeredMs));
      for (const [i, lease] of leases.entries()) await this.#admit(rows[i] as Row, lease);
    } catch (reason) {
      if (!this.#isStopping) this.fail(reason);
    }
  }

  #deliver(count: number, signal: AbortSignal): Promise<Row[]> {
    const { consumer, minIdle } = this.settings;
    return this.#commands.read(consumer, count, minIdle, limits.pageBytes, signal);
  }

  /** How many to read ahead: more while what is read is soon used up, fewer when it is not. */
  #readAhead(): number {
    const tookMs = performance.now() - this.#answeredMs;
    if (!this.#wasFull || tookMs > limits.readAheadMs) this.#ahead >>= 1;
    else this.#ahead = Math.min(this.settings.prefetch, (this.#ahead + 1) * 2);
    return this.#ahead;
  }

  /** Every now and then removes from the pending list what nobody can finish, as it is deleted. */
  #sweep(): void {
    const nowMs = performance.now();
    const { consumer, minIdle } = this.settings;
    if (nowMs - this.#sweptMs < Math.max(minIdle, limits.sweepMs)) return;
    this.#sweptMs = nowMs;
    void this.#settlements.persist(() => this.#commands.sweep(consumer, minIdle));
  }

  /** The lease of what was delivered; undefined for what was here before. */
  #lease({ id, deliveries }: Row, nowMs: number): Lease | undefined {
    const known = this.#leases.get(id);
    if (known !== undefined) {
      // This process was away for so long that it has taken its own.
      known.heldAtMs = nowMs;
      return undefined;
    }
    const lease = new Lease(id, deliveries + 1, this, nowMs);
    this.#leases.add(lease);
    return lease;
  }

  /** Puts a delivered message in the buffer, if it can be handed out. */
  async #admit(row: Row, lease: Lease | undefined): Promise<void> {
    if (lease === undefined) return;
    try {
      const read = this.#link.valueOf(row);
      const value = read instanceof Promise ? await read : read;
      if (lease.isLost || !lease.isOpen) return;
      if (lease.deliveries > this.settings.maxDeliveries) {
        this.#bury(lease, `was delivered ${lease.deliveries - 1} times and not finished`);
      } else if (this.#isStopping) this.#giveBack(lease);
      else this.#buffer.push({ lease, message: new GroupMessage(lease, value) });
    } catch (error) {
      this.#bury(lease, error);
    }
  }

  /** It was read ahead too soon. */
  #leaveToOthers(lease: Lease): void {
    this.#ahead = 0;
    this.#leave(lease);
    this.#giveBack(lease);
  }

  /** It was not looked at: the delivery does not count. */
  #giveBack(lease: Lease): void {
    lease.isOpen = false;
    this.#leases.drop(lease);
    this.#settlements.release("SILENT", lease.id);
  }

  #stopTaking(): void {
    if (this.#isStopping) return;
    this.#stopping.abort(new Error("the consumption ends"));
    for (const { lease } of this.#buffer.splice(0)) this.#giveBack(lease);
    this.#settlements.flush();
    this.#wake();
  }

  async #close(): Promise<void> {
    this.#stop();
    this.#given?.removeEventListener("abort", this.#stop);
    await this.#reading;
    const drained = new AbortController();
    void pause(this.settings.drain, drained.signal).then(() => {
      this.#ending.abort(new Error("the time to end in good order is over"));
      this.#wake();
    });
    while (this.#inFlight.size > 0 && !this.#ending.signal.aborted) await this.change();
    for (const lease of this.#inFlight) this.#abandon(lease);
    this.#leases.leaveDelayed();
    await this.#settlements.finish();
    drained.abort();
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  /** Its handler has not come to an end. */
  #abandon(lease: Lease): void {
    this.#inFlight.delete(lease);
    lease.lose(new Error(`message ${lease.id} is given back: the consumption has ended`));
    this.#retry(lease, 0, "its consumer ended before it was finished");
  }
}

function settingsOf(options: ConsumeOptions): ConsumerSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings: ConsumerSettings = { ...DEFAULTS, ...Object.fromEntries(given) };
  for (const name of ["concurrency", "minIdle", "timeout", "maxDeliveries"] as const) {
    if (!(settings[name] >= 1))
      throw new RangeError(`${name} is at least 1, not ${settings[name]}`);
  }
  return settings;
}
