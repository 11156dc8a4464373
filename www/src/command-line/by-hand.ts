/** Commands that are written by hand: one of a transaction, a subscription, or any other. */

import type { ReadonlySignal } from "@preact/signals";
import type { Argv, Eddyline } from "eddyline";
import { problemOf } from "../base/format.ts";
import { type CommandLog, type Listening, stopListening } from "../commands/log.ts";
import { commandText } from "../commands/quote.ts";
import {
  isSubscription,
  listen,
  type Reply,
  refusalOf,
  TransactionSession,
  type TransactionState,
} from "./own-connections.ts";

/** Messages of one subscription that are kept, the last ones. */
const KEPT_MESSAGES = 500;
/** Messages that come faster are shown together. */
const SHOW_MS = 100;

/** What is written by hand into each log: a transaction goes on while one looks elsewhere. */
const hands = new WeakMap<CommandLog, ByHand>();

/** What is written by hand into a log, and sent to what is open. */
export function byHand(log: CommandLog, db: ReadonlySignal<Eddyline | null>): ByHand {
  const known = hands.get(log);
  if (known !== undefined) return known;
  const made = new ByHand(log, db);
  hands.set(log, made);
  return made;
}

/** Commands that are written by hand, on one console. */
export class ByHand {
  readonly #log: CommandLog;
  readonly #db: ReadonlySignal<Eddyline | null>;
  readonly #transaction = new TransactionSession();

  /** How far the transaction has got. */
  readonly transaction: ReadonlySignal<TransactionState> = this.#transaction.state;

  constructor(log: CommandLog, db: ReadonlySignal<Eddyline | null>) {
    this.#log = log;
    this.#db = db;
    db.subscribe(() => {
      this.#transaction.end();
      stopListening(log.done.peek());
    });
  }

  /**
   * Runs a command and shows it. Its bulk strings come as bytes, so that they can be told from
   * simple ones. A subscription has begun when this is over.
   *
   * @param signal ends a read that waits
   * @throws as `Eddyline.sendCommand`
   */
  async run(argv: Argv, signal: AbortSignal): Promise<void> {
    if (isSubscription(argv) && this.transaction.value !== "queuing") {
      void this.#listen(argv);
      return;
    }
    await this.#log.follow(commandText(argv), true, (db) => {
      const refusal = refusalOf(argv);
      if (refusal !== null) throw new Error(refusal);
      if (this.#transaction.takes(argv)) return this.#transaction.send(db, argv, signal);
      return db.withBytes().sendCommand(argv, { signal });
    });
  }

  /** Shows what comes on channels until that is stopped, or the command is one of long ago. */
  async #listen(argv: Argv): Promise<void> {
    const db = this.#db.value;
    if (db === null) return;
    const [log, heard] = [this.#log, new Heard()];
    const text = commandText(argv);
    const outcome = heard.outcome("listening");
    const number = log.add({ text, isTyped: true, isRead: false, outcome });
    const show = () => log.settle(number, heard.outcome("listening"));
    try {
      await listen(db, argv, heard.end.signal, (message) => heard.take(message, show));
      log.settle(number, heard.outcome("stopped"));
    } catch (error) {
      const { tookMs } = heard.outcome("stopped");
      log.settle(number, { state: "refused", problem: problemOf(error), tookMs });
    } finally {
      heard.close();
    }
  }
}

/** What a subscription has heard. */
class Heard {
  readonly end = new AbortController();
  readonly #stop = () => this.end.abort();
  readonly #began = performance.now();
  readonly #messages: Reply[] = [];
  #before = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Takes a message, and has it shown before long. */
  take(message: Reply, show: () => void): void {
    if (this.#messages.push(message) > KEPT_MESSAGES) {
      this.#messages.shift();
      this.#before++;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      show();
    }, SHOW_MS);
  }

  outcome(state: Listening["state"]): Listening {
    const tookMs = state === "stopped" ? performance.now() - this.#began : 0;
    const messages = [...this.#messages];
    return { state, messages, before: this.#before, stop: this.#stop, tookMs };
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
