/** All that is in a consumer's hands: kept from being claimed while it is worked on, and no longer. */

import * as limits from "../limits.ts";
import type { GroupCommands } from "./group-commands.ts";
import type { Lease } from "./lease.ts";
import { isPassing } from "./persist.ts";
import type { Settlements } from "./settlements.ts";

/** Times and names that leases depend on. */
export interface LeaseOptions {
  readonly consumer: string;
  readonly minIdle: number;
  readonly timeout: number;
}

/** Who hears what becomes of leases. */
export interface LeaseEvents {
  /** It may be in other hands by now. */
  onLost(lease: Lease): void;
  /** Its handler has had its time. */
  onTimeout(lease: Lease): void;
  /** It was read ahead, and nobody had time for it since. */
  onUnused(lease: Lease): void;
  /** The engine refuses what has to be said. */
  onFailure(reason: unknown): void;
}

/** A message that waits to be given back. */
interface Delayed {
  readonly lease: Lease;
  readonly dueMs: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The leases of one consumer. */
export class Leases {
  readonly #commands: GroupCommands<unknown>;
  readonly #settlements: Settlements;
  readonly #options: LeaseOptions;
  readonly #events: LeaseEvents;
  readonly #leases = new Map<string, Lease>();
  readonly #delayed = new Map<string, Delayed>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    commands: GroupCommands<unknown>,
    settlements: Settlements,
    options: LeaseOptions,
    events: LeaseEvents,
  ) {
    this.#commands = commands;
    this.#settlements = settlements;
    this.#options = options;
    this.#events = events;
  }

  /** Three times within what others wait for: one may be late. */
  get #everyMs(): number {
    const { minIdle, timeout } = this.#options;
    return Math.max(1, Math.min(minIdle / 3, timeout / 3));
  }

  get(id: string): Lease | undefined {
    return this.#leases.get(id);
  }

  add(lease: Lease): void {
    this.#leases.set(lease.id, lease);
    this.#timer ??= setInterval(() => this.#beat(), this.#everyMs);
    // Who works on a message keeps the process alive, or nobody does.
    (this.#timer as { unref?(): void }).unref?.();
  }

  /** It is nobody's any more as far as this process is concerned. */
  drop(lease: Lease): void {
    // A message that was lost may be here again.
    if (this.#leases.get(lease.id) === lease) this.#leases.delete(lease.id);
    if (this.#leases.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Its handler begins, or begins anew. */
  restart(lease: Lease): void {
    lease.deadlineMs = performance.now() + this.#options.timeout;
  }

  /**
   * Gives it back after a time. Until then it is kept from others, here; if this process ends
   * before, it comes back when it has been idle for `minIdle`.
   */
  delay(lease: Lease, ms: number): void {
    if (this.#delayed.size >= limits.delayedMessages) {
      this.#leaveIdle(lease, ms);
      return;
    }
    const timer = setTimeout(
      () => {
        this.#delayed.delete(lease.id);
        this.drop(lease);
        this.#settlements.release("FAIL", lease.id);
        this.#settlements.flush();
      },
      Math.min(ms, limits.timerMs),
    );
    this.#delayed.set(lease.id, { lease, dueMs: performance.now() + ms, timer });
  }

  /** Leaves what is delayed to others, as near to its time as `minIdle` allows. */
  leaveDelayed(): void {
    for (const { lease, dueMs, timer } of this.#delayed.values()) {
      clearTimeout(timer);
      this.#leaveIdle(lease, dueMs - performance.now());
    }
    this.#delayed.clear();
  }

  /** It is to be claimed after some time, which can be no longer than `minIdle`. */
  #leaveIdle(lease: Lease, ms: number): void {
    this.drop(lease);
    const { consumer, minIdle } = this.#options;
    const idleMs = Math.round(Math.min(Math.max(minIdle - ms, 0), minIdle));
    void this.#settlements.persist(() => this.#commands.hold(consumer, [lease.id], idleMs));
  }

  /** Tells the engine that all of them are tended. */
  #beat(): void {
    const nowMs = performance.now();
    for (const lease of [...this.#leases.values()]) {
      const idleMs = nowMs - lease.heldAtMs;
      if (idleMs >= this.#options.minIdle) this.#lose(lease);
      else if (lease.isOpen && !lease.isBegun) {
        if (idleMs >= this.#everyMs) this.#events.onUnused(lease);
      } else if (lease.isOpen && nowMs >= lease.deadlineMs) this.#events.onTimeout(lease);
    }
    const ids = [...this.#leases.keys()];
    if (ids.length > 0) void this.#extend(ids, nowMs);
  }

  async #extend(ids: readonly string[], nowMs: number): Promise<void> {
    try {
      const held = new Set(await this.#commands.hold(this.#options.consumer, ids, 0));
      for (const id of ids) {
        const lease = this.#leases.get(id);
        if (lease === undefined) continue;
        if (held.has(id)) lease.heldAtMs = nowMs;
        else this.#lose(lease);
      }
    } catch (error) {
      // The next beat tries again; when none succeeds in time they are lost.
      if (!isPassing(error)) this.#events.onFailure(error);
    }
  }

  #lose(lease: Lease): void {
    const delayed = this.#delayed.get(lease.id);
    clearTimeout(delayed?.timer);
    this.#delayed.delete(lease.id);
    this.drop(lease);
    lease.lose(new Error(`message ${lease.id} was not kept: it may be delivered to others`));
    this.#events.onLost(lease);
  }
}
