/**
 * What the console has done: each action of the mouse is a command, and here is which. Everything
 * that changes a stream goes through {@link CommandLog.run} or {@link CommandLog.runTogether}, so
 * nothing happens that is not shown.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Argv, Eddyline, ReplyValue } from "eddyline";
import { problemOf } from "../base/format.ts";
import { commandText } from "./quote.ts";

/** Commands that are kept. */
const KEPT = 200;

/** A command that was sent, or several between MULTI and EXEC. */
export interface Done {
  readonly number: number;
  readonly atMs: number;
  /** As one would type it; a transaction has several lines. */
  readonly text: string;
  /** Whether it was written by hand. */
  readonly isTyped: boolean;
  readonly outcome:
    | { readonly state: "running" }
    | { readonly state: "answered"; readonly reply: ReplyValue; readonly tookMs: number }
    | { readonly state: "refused"; readonly problem: string; readonly tookMs: number };
}

/** How a command came about. */
export interface Origin {
  /** Written by hand. */
  readonly isTyped?: boolean;
  /** Ends a read that waits. */
  readonly signal?: AbortSignal;
}

/** The console's commands, the last one first. */
export class CommandLog {
  readonly #done = signal<readonly Done[]>([]);
  readonly #db: ReadonlySignal<Eddyline | null>;
  #number = 0;

  /** What was done, the last first, at most {@link KEPT}. */
  readonly done: ReadonlySignal<readonly Done[]> = this.#done;

  constructor(db: ReadonlySignal<Eddyline | null>) {
    this.#db = db;
  }

  /**
   * Runs a command and shows it.
   *
   * @throws as `Eddyline.sendCommand`
   */
  run(argv: Argv, { isTyped = false, signal }: Origin = {}): Promise<ReplyValue> {
    return this.#follow(commandText(argv), isTyped, (db) =>
      db.sendCommand(argv, signal === undefined ? {} : { signal }),
    );
  }

  /**
   * Runs commands as one transaction and shows them.
   *
   * @returns the replies in order
   * @throws as `Transaction.exec`
   */
  async runTogether(commands: readonly Argv[]): Promise<ReplyValue[]> {
    const text = [["MULTI"], ...commands, ["EXEC"]].map(commandText).join("\n");
    const replies = await this.#follow(text, false, async (db) => {
      const transaction = db.multi();
      for (const argv of commands) transaction.addCommand(argv);
      return (await transaction.exec()) as ReplyValue[];
    });
    return replies as ReplyValue[];
  }

  /** Shows a command that a view has sent itself, as reads of a history are. */
  note(argv: Argv): void {
    const outcome = { state: "answered", reply: null, tookMs: 0 } as const;
    this.#add({ text: commandText(argv), isTyped: false, outcome });
  }

  /** Forgets what was done. */
  clear(): void {
    this.#done.value = [];
  }

  async #follow(
    text: string,
    isTyped: boolean,
    act: (db: Eddyline) => Promise<ReplyValue>,
  ): Promise<ReplyValue> {
    const db = this.#db.value;
    if (db === null) throw new Error("nothing is connected");
    const number = this.#add({ text, isTyped, outcome: { state: "running" } });
    const began = performance.now();
    try {
      const reply = await act(db);
      const tookMs = performance.now() - began;
      this.#settle(number, { state: "answered", reply, tookMs });
      return reply;
    } catch (error) {
      const tookMs = performance.now() - began;
      this.#settle(number, { state: "refused", problem: problemOf(error), tookMs });
      throw error;
    }
  }

  #add(done: Pick<Done, "text" | "isTyped" | "outcome">): number {
    const number = ++this.#number;
    this.#done.value = [{ ...done, number, atMs: Date.now() }, ...this.#done.value].slice(0, KEPT);
    return number;
  }

  #settle(number: number, outcome: Done["outcome"]): void {
    this.#done.value = this.#done.value.map((one) =>
      one.number === number ? { ...one, outcome } : one,
    );
  }
}
