/** A message in a consumer's hands: its public face, and how long it may stay there. */

import type { Entry } from "./link.ts";

/** How a message is given back. */
export interface NackOptions {
  /** Milliseconds before it is delivered again; by default at once. */
  readonly delay?: number | undefined;
  /** Why, for the dead letter that it may become: an error or a text. */
  readonly reason?: unknown;
}

/** What becomes of a message. */
export type Settlement =
  | { readonly kind: "ack" }
  | { readonly kind: "nack"; readonly delayMs: number; readonly reason: unknown }
  | { readonly kind: "reject"; readonly reason: unknown };

/** Who hears what becomes of messages. */
export interface LeaseOwner {
  settle(lease: Lease, settlement: Settlement): void;
  extend(lease: Lease): void;
}

/** A pending entry that is this consumer's for now. */
export class Lease {
  readonly id: string;
  /** How often it was delivered, this time included. */
  readonly deliveries: number;
  readonly owner: LeaseOwner;
  /** When the engine last heard that it is tended, on this process' clock. */
  heldAtMs: number;
  /** When its handler has had enough time. */
  deadlineMs = Number.POSITIVE_INFINITY;
  /** Nobody has said yet what becomes of it. */
  isOpen = true;
  /** Another consumer may have it by now: whether it is finished is all that we may still say. */
  isLost = false;
  #end: AbortController | undefined;
  #reason: unknown;

  constructor(id: string, deliveries: number, owner: LeaseOwner, heldAtMs: number) {
    this.id = id;
    this.deliveries = deliveries;
    this.owner = owner;
    this.heldAtMs = heldAtMs;
  }

  /** Whether somebody works on it. */
  get isBegun(): boolean {
    return this.deadlineMs < Number.POSITIVE_INFINITY;
  }

  /** Made when it is asked for: few do, and it costs more than the rest of the lease. */
  get signal(): AbortSignal {
    if (this.#end === undefined) {
      this.#end = new AbortController();
      if (this.isLost) this.#end.abort(this.#reason);
    }
    return this.#end.signal;
  }

  /** It is lost: whoever works on it may stop. */
  lose(reason: Error): void {
    this.isLost = true;
    this.#reason = reason;
    this.#end?.abort(reason);
  }
}

/**
 * An entry delivered to a consumer of a group. It stays this consumer's until one of `ack`, `nack`
 * and `reject` is called, the first of which counts; while it is, the engine is told by itself
 * that it is being worked on.
 */
export class GroupMessage<T> implements Entry<T> {
  readonly id: string;
  readonly value: T;
  /** How often it was delivered to anybody, this time included. */
  readonly deliveries: number;
  readonly #lease: Lease;

  constructor(lease: Lease, value: T) {
    this.id = lease.id;
    this.value = value;
    this.deliveries = lease.deliveries;
    this.#lease = lease;
  }

  /** Whether one of `ack`, `nack` and `reject` was called. */
  get isSettled(): boolean {
    return !this.#lease.isOpen;
  }

  /**
   * Aborted when there is no use in going on: the time to process the message is over, or the
   * engine could not be told in time that it is being worked on, and somebody else has it.
   */
  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  /**
   * The message is finished. It is acknowledged with others, within 20 ms; a process that is killed
   * before that gets it again.
   */
  ack(): void {
    this.#settle({ kind: "ack" });
  }

  /**
   * The message is not finished: it is delivered again, to any consumer, at once or after `delay`
   * milliseconds. After `maxDeliveries` it becomes a dead letter.
   */
  nack({ delay = 0, reason }: NackOptions = {}): void {
    this.#settle({ kind: "nack", delayMs: delay, reason });
  }

  /** The message cannot be finished by anybody: it becomes a dead letter now. */
  reject(reason?: unknown): void {
    this.#settle({ kind: "reject", reason });
  }

  /** Begins the time to process the message, `timeout`, anew. */
  extend(): void {
    if (this.#lease.isOpen) this.#lease.owner.extend(this.#lease);
  }

  #settle(settlement: Settlement): void {
    if (!this.#lease.isOpen) return;
    this.#lease.isOpen = false;
    this.#lease.owner.settle(this.#lease, settlement);
  }
}
