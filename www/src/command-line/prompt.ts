/** The line that is being typed: its hint, what it may become, and the lines before it. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { hintOf } from "../../../pkg/src/syntax.ts";
import { complete, completionsOf, type Names } from "./completion.ts";

/** A line to type in. */
export class Prompt {
  readonly #names: Names;
  readonly #earlier: ReadonlySignal<readonly string[]>;
  readonly #line = signal("");
  readonly #active = signal(-1);
  readonly #isOpen = signal(false);
  /** The place among the lines before, 0 for the one that is new. */
  #place = 0;
  #unsent = "";

  /** What was typed. */
  readonly line: ReadonlySignal<string> = this.#line;
  /** What is still to be typed. */
  readonly hint = computed(() => (this.#line.value.trim() === "" ? "" : hintOf(this.#line.value)));
  /** What the last word may become, while that is offered. */
  readonly offers = computed(() =>
    this.#isOpen.value ? completionsOf(this.#line.value, this.#names) : [],
  );
  /** Which of the offers is chosen; -1 for none. */
  readonly active: ReadonlySignal<number> = this.#active;

  /** @param earlier the lines that were sent, the last first */
  constructor(names: Names, earlier: ReadonlySignal<readonly string[]>) {
    this.#names = names;
    this.#earlier = earlier;
  }

  /** Somebody has typed. */
  type(line: string): void {
    this.#line.value = line;
    this.#place = 0;
    this.#isOpen.value = line !== "";
    this.#active.value = -1;
  }

  /** Begins anew. */
  clear(): void {
    this.type("");
  }

  /** Takes an offer. */
  take(offer: string): void {
    this.type(complete(this.#line.value, offer));
  }

  /** What a key does here. @returns whether it did something */
  press(key: string): boolean {
    const offers = this.offers.value;
    const chosen = offers[this.#active.value];
    switch (key) {
      case "Escape":
        this.#isOpen.value = false;
        return offers.length > 0;
      case "Tab":
        if (offers.length > 0) this.take(chosen ?? (offers[0] as string));
        return offers.length > 0;
      case "Enter":
        if (chosen !== undefined) this.take(chosen);
        return chosen !== undefined;
      case "ArrowDown":
        return offers.length > 0 && this.#place === 0 ? this.#choose(1) : this.#goBack(-1);
      case "ArrowUp":
        return chosen !== undefined ? this.#choose(-1) : this.#goBack(1);
      default:
        return false;
    }
  }

  #choose(step: 1 | -1): boolean {
    const last = this.offers.value.length - 1;
    this.#active.value = Math.max(-1, Math.min(last, this.#active.value + step));
    return true;
  }

  #goBack(step: 1 | -1): boolean {
    const lines = this.#earlier.value;
    const place = Math.max(0, Math.min(lines.length, this.#place + step));
    if (this.#place === 0) this.#unsent = this.#line.value;
    this.type(place === 0 ? this.#unsent : (lines[place - 1] as string));
    this.#isOpen.value = false;
    this.#place = place;
    return true;
  }
}
