/**
 * What the console has done: each action of the mouse is a command, and here is which. Everything
 * that changes a stream goes through {@link CommandLog.run} or {@link CommandLog.runTogether}, so
 * nothing happens that is not shown.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Argv, Eddyline, ReplyValue, Value } from "eddyline";
import { problemOf } from "../base/format.ts";
import {
  isSubscription,
  listen,
  type Reply,
  refusalOf,
  TransactionSession,
  type TransactionState,
} from "./own-connections.ts";
import { commandText } from "./quote.ts";

/** Commands that are kept. */
const KEPT = 200;
/** Messages of one subscription that are kept, the last ones. */
const KEPT_MESSAGES = 500;
/** Messages that come faster are shown together. */
const SHOW_MS = 100;

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
  readonly messages: readonly Reply[];
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
  readonly #transaction = new TransactionSession();
  #number = 0;

  /** What was done, the last first, at most {@link KEPT}. */
  readonly done: ReadonlySignal<readonly Done[]> = this.#done;

  /** How far the transaction has got that is written by hand. */
  readonly transaction: ReadonlySignal<TransactionState> = this.#transaction.state;

  constructor(db: ReadonlySignal<Eddyline | null>) {
    this.#db = db;
    db.subscribe(() => {
      this.#transaction.end();
      stopListening(this.#done.peek());
    });
  }

  /**
   * Runs a command and shows it.
   *
   * @throws as `Eddyline.sendCommand`
   */
  run(argv: Argv): Promise<ReplyValue> {
    return this.#follow(commandText(argv), false, (db) => db.sendCommand(argv));
  }

  /**
   * Runs a command that was written by hand. Its bulk strings come as bytes, so that they can be
   * told from simple ones. A transaction goes over a connection of its own; a subscription too, and
   * it is over when that has begun.
   *
   * @param signal ends a read that waits
   * @throws as `Eddyline.sendCommand`
   */
  async runTyped(argv: Argv, signal: AbortSignal): Promise<void> {
    const isQueuing = this.transaction.value === "queuing";
    if (isSubscription(argv) && !isQueuing) {
      void this.#listen(argv);
      return;
    }
    await this.#follow(commandText(argv), true, (db) => {
      const refusal = refusalOf(argv);
      if (refusal !== null) throw new Error(refusal);
      if (this.#transaction.takes(argv)) return this.#transaction.send(db, argv, signal);
      return db.withBytes().sendCommand(argv, { signal });
    });
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
    this.#add({ text: commandText(argv), isTyped: false, isRead: true, outcome });
  }

  /** Forgets what was done. */
  clear(): void {
    stopListening(this.#done.value);
    this.#done.value = [];
  }

  /** Shows what comes on channels until that is stopped, or the command is one of long ago. */
  async #listen(argv: Argv): Promise<void> {
    const db = this.#db.value;
    if (db === null) throw new Error("nothing is connected");
    const end = new AbortController();
    const stop = () => end.abort();
    const messages: Reply[] = [];
    let before = 0;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const began = performance.now();
    const outcome = (state: Listening["state"]): Listening => {
      const tookMs = state === "stopped" ? performance.now() - began : 0;
      return { state, messages: [...messages], before, stop, tookMs };
    };
    const text = commandText(argv);
    const number = this.#add({ text, isTyped: true, isRead: false, outcome: outcome("listening") });
    const show = (): void => {
      timer = null;
      this.#settle(number, outcome("listening"));
    };
    try {
      await listen(db, argv, end.signal, (message) => {
        if (messages.push(message) > KEPT_MESSAGES) {
          messages.shift();
          before++;
        }
        timer ??= setTimeout(show, SHOW_MS);
      });
      this.#settle(number, outcome("stopped"));
    } catch (error) {
      const tookMs = performance.now() - began;
      this.#settle(number, { state: "refused", problem: problemOf(error), tookMs });
    } finally {
      if (timer !== null) clearTimeout(timer);
    }
  }

  async #follow<R extends ReplyValue<Value>>(
    text: string,
    isTyped: boolean,
    act: (db: Eddyline) => Promise<R>,
  ): Promise<R> {
    const db = this.#db.value;
    if (db === null) throw new Error("nothing is connected");
    const number = this.#add({ text, isTyped, isRead: false, outcome: { state: "running" } });
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

  #add(done: Pick<Done, "text" | "isTyped" | "isRead" | "outcome">): number {
    const number = ++this.#number;
    const all = [{ ...done, number, atMs: Date.now() }, ...this.#done.value];
    stopListening(all.slice(KEPT));
    this.#done.value = all.slice(0, KEPT);
    return number;
  }

  #settle(number: number, outcome: Done["outcome"]): void {
    this.#done.value = this.#done.value.map((one) =>
      one.number === number ? { ...one, outcome } : one,
    );
  }
}

function stopListening(done: readonly Done[]): void {
  for (const { outcome } of done) if (outcome.state === "listening") outcome.stop();
}
