/**
 * The commands behind what the feed and its consumers do, as far as one can read along: of those
 * that come at nearly the same time the last one of each kind, with how many like it there were.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Argv } from "eddyline";
import { commandText } from "../commands/quote.ts";

/** Lines that are kept. */
const KEPT = 12;
/** What comes within this time is told together. */
const TOGETHER_MS = 400;
/** Characters of a line: one with a thousand IDs is not read to its end anyway. */
const MOST_CHARACTERS = 300;

/** A command, and how many of its kind came with it. */
export interface FeedLine {
  readonly number: number;
  readonly text: string;
  readonly more: number;
}

/** Commands as they come. While they are not shown nothing is kept of them. */
export class FeedCommands {
  readonly #isShown = signal(false);
  readonly #lines = signal<readonly FeedLine[]>([]);
  readonly #new = new Map<string, { argv: Argv; more: number }>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #number = 0;

  /** Whether somebody wants to see them. */
  readonly isShown: ReadonlySignal<boolean> = this.#isShown;
  /** The last ones, the newest first. */
  readonly lines: ReadonlySignal<readonly FeedLine[]> = this.#lines;

  /** Shows them from now on, or no more. */
  toggle(): void {
    this.#isShown.value = !this.#isShown.value;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#new.clear();
    this.#lines.value = [];
  }

  /** A command was sent. */
  note(argv: Argv): void {
    if (!this.#isShown.value) return;
    const kind = String(argv[0]);
    const more = this.#new.get(kind)?.more ?? -1;
    this.#new.set(kind, { argv, more: more + 1 });
    this.#timer ??= setTimeout(() => this.#show(), TOGETHER_MS);
  }

  #show(): void {
    this.#timer = null;
    const lines = [...this.#new.values()].map(({ argv, more }) => {
      const text = commandText(argv.slice(0, MOST_CHARACTERS));
      const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
      return { number: ++this.#number, text: cut, more };
    });
    this.#new.clear();
    this.#lines.value = [...lines.reverse(), ...this.#lines.value].slice(0, KEPT);
  }
}
