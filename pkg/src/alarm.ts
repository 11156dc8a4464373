/** The one timer of a host. */

import * as limits from "./limits.ts";

/**
 * Calls back once a deadline has come.
 *
 * In Node a timer keeps the process alive only while some call waits (`keepsAlive`): a read with
 * `BLOCK 5000` gets its five seconds. A read with `BLOCK 0` has no deadline and so no timer: when
 * nothing else is left in the process nobody could ever wake it, and the process ends.
 */
export class Alarm {
  readonly #now: () => number;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires; the deadline may have moved further since. */
  #armedMs = Number.NaN;
  #deadlineMs = Number.NaN;
  #keepsAlive = false;

  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Whether the deadline is one that somebody waits for. */
  set keepsAlive(keepsAlive: boolean) {
    if (keepsAlive === this.#keepsAlive) return;
    this.#keepsAlive = keepsAlive;
    this.#hold();
  }

  /** Sets the deadline; NaN for none. A timer that would fire too early is left to do so. */
  set(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs;
    if (Number.isNaN(deadlineMs)) this.clear();
    else if (this.#timer === undefined || deadlineMs < this.#armedMs) this.#arm();
  }

  /** Takes the deadline away. */
  clear(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#deadlineMs = Number.NaN;
  }

  #arm(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    const now = this.#now();
    const delayMs = Math.min(Math.max(Math.ceil(this.#deadlineMs - now), 0), limits.timerMs);
    this.#armedMs = now + delayMs;
    this.#timer = setTimeout(() => this.#fire(), delayMs);
    this.#hold();
  }

  #fire(): void {
    this.#timer = undefined;
    if (this.#now() < this.#deadlineMs) this.#arm();
    else this.#ring();
  }

  #hold(): void {
    // In browsers and workerd a timer is a number, and there is no process to keep alive.
    const timer = this.#timer as { ref?(): void; unref?(): void } | undefined;
    if (this.#keepsAlive) timer?.ref?.();
    else timer?.unref?.();
  }
}
