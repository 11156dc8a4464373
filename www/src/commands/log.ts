/**
 * What the console has done: each action of the mouse is a command, and here is which. Everything
 * that changes a stream goes through {@link CommandLog.run} or {@link CommandLog.runTogether}, so
 * nothing happens that is not shown.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Argv, Eddyline, ReplyValue, Value } from "eddyline";
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
  /** Whether a view has sent it to read; the reply is what the view shows. */
  readonly isRead: boolean;
  readonly outcome:
    | { readonly state: "running" }
    | { readonly state: "answered"; readonly reply: ReplyValue<Value>; readonly tookMs: number }
    | { readonly state: "refused"; readonly problem: string; readonly tookMs: number }
    | Listening;
}

/** A subscription, and what it has heard. */
export interface Listening {
  readonly state: "listening" | "stopped";
  /** The last messages, oldest first. */
  readonly messages: readonly ReplyValue<Uint8Array>[];
  /** How many came before those. */
  readonly before: number;
  /** Ends it. */
  readonly stop: () => void;
  readonly tookMs: number;
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
  run(argv: Argv): Promise<ReplyValue> {
    return this.follow(commandText(argv), false, (db) => db.sendCommand(argv));
  }

  /**
   * Runs commands as one transaction and shows them.
   *
   * @returns the replies in order
   * @throws as `Transaction.exec`
   */
  async runTogether(commands: readonly Argv[]): Promise<ReplyValue[]> {
    const text = [["MULTI"], ...commands, ["EXEC"]].map(commandText).join("\n");
    const replies = await this.follow(text, false, async (db) => {
      const transaction = db.multi();
      for (const argv of commands) transaction.addCommand(argv);
      return (await transaction.exec()) as ReplyValue[];
    });
    return replies as ReplyValue[];
  }

  /** Shows a command that a view has sent itself, as reads of a history are. */
  note(argv: Argv): void {
    const outcome = { state: "answered", reply: null, tookMs: 0 } as const;
    this.add({ text: commandText(argv), isTyped: false, isRead: true, outcome });
  }

  /** Forgets what was done. */
  clear(): void {
    stopListening(this.#done.value);
    this.#done.value = [];
  }

  /**
   * Shows a command while `act` does it, and what came of it.
   *
   * @throws as `act`, and when nothing is connected
   */
  async follow<R extends ReplyValue<Value>>(
    text: string,
    isTyped: boolean,
    act: (db: Eddyline) => Promise<R>,
  ): Promise<R> {
    const db = this.#db.value;
    if (db === null) throw new Error("nothing is connected");
    const number = this.add({ text, isTyped, isRead: false, outcome: { state: "running" } });
    const began = performance.now();
    try {
      const reply = await act(db);
      const tookMs = performance.now() - began;
      this.settle(number, { state: "answered", reply, tookMs });
      return reply;
    } catch (error) {
      const tookMs = performance.now() - began;
      this.settle(number, { state: "refused", problem: problemOf(error), tookMs });
      throw error;
    }
  }

  /** Shows a command. @returns the number by which it is settled */
  add(done: Pick<Done, "text" | "isTyped" | "isRead" | "outcome">): number {
    const number = ++this.#number;
    const all = [{ ...done, number, atMs: Date.now() }, ...this.#done.value];
    stopListening(all.slice(KEPT));
    this.#done.value = all.slice(0, KEPT);
    return number;
  }

  /** Says what came of a command. */
  settle(number: number, outcome: Done["outcome"]): void {
    this.#done.value = this.#done.value.map((one) =>
      one.number === number ? { ...one, outcome } : one,
    );
  }
}

/** Ends subscriptions. */
export function stopListening(done: readonly Done[]): void {
  for (const { outcome } of done) if (outcome.state === "listening") outcome.stop();
}
