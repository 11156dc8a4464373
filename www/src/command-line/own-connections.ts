/**
 * Commands that are not for the connection that all views share: a transaction has one of its own
 * from WATCH or MULTI to its end, each subscription has one until it is stopped.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Argv, Connection, Eddyline, ReplyValue } from "eddyline";
import { wordOf } from "../../../pkg/src/commands/blocking.ts";

/** A reply with bytes for bulk strings. */
export type Reply = ReplyValue<Uint8Array>;

/** How far a transaction has got. */
export type TransactionState = "none" | "watching" | "queuing" | "lost";

/** Why some commands are not run here, whatever the back end. */
const REFUSALS: Readonly<Record<string, string>> = {
  AUTH: "the console says its token when it connects; give another one where back ends are chosen",
  HELLO: "the console speaks RESP3, and says its token when it connects",
  MONITOR:
    "the engine keeps effects and no commands, so there are none to watch; the tab Live shows entries as they come, SLOWLOG GET and INFO commandstats what was run",
  PSUBSCRIBE:
    "a subscription cannot be queued here: it would go on behind EXEC, which ends this connection",
  PUNSUBSCRIBE: "each subscription has a connection of its own: stop it where its messages are",
  QUIT: "the connection is the console's; another back end is chosen at the top of the page",
  RESET: "there is nothing to reset: DISCARD gives a transaction up, Stop ends a subscription",
  SELECT: "the console shows database 0, here as in its lists",
  SUBSCRIBE:
    "a subscription cannot be queued here: it would go on behind EXEC, which ends this connection",
  UNSUBSCRIBE: "each subscription has a connection of its own: stop it where its messages are",
};
const OF_TRANSACTION = new Set(["WATCH", "UNWATCH", "MULTI", "EXEC", "DISCARD"]);

/** Whether a command listens to channels. */
export function isSubscription(argv: Argv): boolean {
  return /^P?SUBSCRIBE$/.test(wordOf(argv[0]));
}

/** Why a command is not run here; `null` when it is. */
export function refusalOf(argv: Argv): string | null {
  const name = wordOf(argv[0]);
  const why = REFUSALS[name];
  return why === undefined ? null : `${name} is not run here: ${why}`;
}

/** The connection of a transaction. */
export class TransactionSession {
  readonly #state = signal<TransactionState>("none");
  #connection: Promise<Connection> | null = null;

  /** How far it has got. */
  readonly state: ReadonlySignal<TransactionState> = this.#state;

  /** Whether a command belongs to it. */
  takes(argv: Argv): boolean {
    const state = this.#state.value;
    return state === "queuing" || state === "lost" || OF_TRANSACTION.has(wordOf(argv[0]));
  }

  /**
   * Sends a command of it.
   *
   * @param stop gives the transaction up
   * @throws CommandError when it is refused
   */
  async send(db: Eddyline, argv: Argv, stop: AbortSignal): Promise<Reply> {
    if (this.#state.value === "lost") {
      this.#state.value = "none";
      throw new Error("the transaction's connection has ended, and nothing of it was done");
    }
    const connection = await this.#connect(db);
    const end = () => this.end();
    stop.addEventListener("abort", end, { once: true });
    try {
      const reply = await connection.send(argv);
      this.#moveOn(wordOf(argv[0]), reply);
      return reply;
    } catch (error) {
      // EXEC ends it also when it is refused.
      if (wordOf(argv[0]) === "EXEC") this.#state.value = "none";
      throw error;
    } finally {
      stop.removeEventListener("abort", end);
      if (this.#state.value === "none") this.end();
    }
  }

  /** Gives it up. */
  end(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#state.value = "none";
    connection?.then((open) => open.close()).catch(() => {});
  }

  #connect(db: Eddyline): Promise<Connection> {
    this.#connection ??= db.connect({ onPush: () => {}, onEnd: () => this.#lose() });
    return this.#connection;
  }

  /** What is typed next was meant to be queued, and must not be done at once instead. */
  #lose(): void {
    const { value } = this.#state;
    this.end();
    if (value !== "none") this.#state.value = "lost";
  }

  #moveOn(name: string, reply: Reply): void {
    if (reply instanceof Error) return;
    if (name === "EXEC" || name === "DISCARD") this.#state.value = "none";
    else if (name === "MULTI") this.#state.value = "queuing";
    else if (this.#state.value === "queuing") return;
    else if (name === "WATCH") this.#state.value = "watching";
    else if (name === "UNWATCH") this.#state.value = "none";
  }
}

/**
 * Listens to channels until `stop` aborts.
 *
 * @param onMessage hears that they are subscribed to, and each message
 * @throws CommandError when it is refused
 * @throws the reason, when the connection ends by itself
 */
export async function listen(
  db: Eddyline,
  argv: Argv,
  stop: AbortSignal,
  onMessage: (message: Reply) => void,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  stop.addEventListener("abort", () => ended.resolve(), { once: true });
  const connection = await db.connect({
    onPush: (push) => onMessage([...push]),
    onEnd: (reason) => ended.reject(reason),
  });
  try {
    if (stop.aborted) return;
    await Promise.race([connection.send(argv), ended.promise]);
    await ended.promise;
  } finally {
    connection.close();
  }
}
