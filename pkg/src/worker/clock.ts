/**
 * What an object has to do later. A timer keeps it in memory and costs nothing besides; an alarm
 * wakes it, and setting one is a row written. So what comes soon, before the object would go to
 * sleep, has a timer, and all else the one alarm, which is set again only when it is to come
 * earlier: an alarm that comes in vain costs less than setting it anew each time.
 */

import * as limits from "../limits.ts";

export class Clock {
  readonly #storage: DurableObjectStorage;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #alarmMs: number | null = null;

  /** @param ring called by the timer */
  constructor(storage: DurableObjectStorage, ring: () => void) {
    this.#storage = storage;
    this.#ring = ring;
  }

  /** To be awaited before anything else. */
  async open(): Promise<void> {
    this.#alarmMs = await this.#storage.getAlarm();
  }

  /** The alarm has come. */
  rang(): void {
    this.#alarmMs = null;
  }

  /**
   * Says what is next: `waitMs` when somebody's wait ends, `alarmMs` what must be done even if the
   * object has been thrown out by then.
   */
  set(waitMs: number | undefined, alarmMs: number | undefined, nowMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const isSoon = waitMs !== undefined && waitMs - nowMs < limits.hibernateMs;
    if (isSoon) this.#timer = setTimeout(this.#ring, Math.max(waitMs - nowMs, 0));
    const atMs = Math.min((isSoon ? undefined : waitMs) ?? Infinity, alarmMs ?? Infinity);
    if (atMs === Infinity || (this.#alarmMs !== null && this.#alarmMs <= atMs)) return;
    this.#alarmMs = atMs;
    // In the same turn of the loop as the writes it belongs to, and so in one commit with them.
    void this.#storage.setAlarm(Math.max(atMs, nowMs));
  }
}
