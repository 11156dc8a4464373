/** What runs a person's or a script's commands: which database, whether in a transaction. */

import process from "node:process";
import type { Place } from "../wire/place.ts";
import { Conversation, type Word } from "./conversation.ts";
import { type Format, raw, write } from "./format.ts";
import type { Reply } from "./reply.ts";

/** How a shell speaks and writes. */
export interface ShellOptions {
  readonly protocol: 2 | 3;
  readonly database: number;
  readonly format: Format;
}

/** Commands after which one only listens. */
const LISTENING = /^((p|s)?subscribe|monitor)$/i;
/** Commands whose reply is a text for people. */
const TEXTS: readonly RegExp[] = [
  /^info( |$)/i,
  /^client (list|info)( |$)/i,
  /^cluster (nodes|info)( |$)/i,
  /^memory (doctor|malloc-stats)( |$)/i,
  /^latency (doctor|graph)( |$)/i,
  /^lolwut( |$)/i,
];

/** Runs commands at a place. */
export class Shell {
  readonly #place: Place;
  readonly #options: ShellOptions;
  #conversation: Promise<Conversation> | undefined;
  #database: number;
  #inTransaction = false;
  #isListening = false;

  constructor(place: Place, options: ShellOptions) {
    this.#place = place;
    this.#options = options;
    this.#database = options.database;
  }

  /** What stands before what a person types. */
  get prompt(): string {
    const database = this.#database === 0 ? "" : `[${this.#database}]`;
    return `${this.#place.name}${database}${this.#inTransaction ? "(TX)" : ""}> `;
  }

  /** Whether commands are kept for EXEC. */
  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** Connects, if that is not done. @throws TransportError when nobody answers */
  async connect(): Promise<Conversation> {
    const current = await this.#conversation?.catch(() => undefined);
    if (current !== undefined && !current.isOver) return current;
    this.#inTransaction = false;
    const beginning = { protocol: this.#options.protocol, database: this.#database };
    this.#conversation = Conversation.begin(this.#place, beginning, {
      onPush: (push) => {
        if (this.#isListening) this.#print(push);
      },
    });
    return await this.#conversation;
  }

  /** Runs a command and writes its reply; listens until {@link interrupt} where it is one for that. */
  async run(words: readonly Word[]): Promise<Reply> {
    const conversation = await this.connect();
    const listens = LISTENING.test(words[0] ?? "") && !this.#inTransaction;
    if (listens) await this.#listen(conversation, words);
    const reply = await conversation.ask(words);
    this.#note(words, reply);
    this.#print(
      reply,
      TEXTS.some((text) => text.test(words.join(" "))),
    );
    return reply;
  }

  /** Asks something without writing it. */
  async ask(words: readonly Word[]): Promise<Reply> {
    return await (await this.connect()).ask(words);
  }

  /** Ends what waits: the connection is another one afterwards. */
  async interrupt(): Promise<void> {
    (await this.#conversation?.catch(() => undefined))?.close();
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.interrupt();
  }

  /** Never returns but by an interruption or the end of the connection. */
  async #listen(conversation: Conversation, words: readonly Word[]): Promise<never> {
    if (this.#options.format !== "raw")
      process.stdout.write("Reading messages... (press Ctrl-C to quit)\n");
    this.#isListening = true;
    try {
      const first = await conversation.ask(words);
      this.#print(first);
      return await conversation.ended;
    } finally {
      this.#isListening = false;
    }
  }

  #print(reply: Reply, isText = false): void {
    const { format } = this.#options;
    let text = write(reply, format);
    if (isText && format === "standard" && "text" in reply && reply.type !== "error")
      text = raw(reply).replace(/\n?$/, "\n");
    process.stdout.write(Buffer.from(text, "latin1"));
  }

  /** Keeps track of what the connection is in. */
  #note([name = "", ...words]: readonly Word[], reply: Reply): void {
    const isRefused = reply.type === "error";
    const isQueued = reply.type === "status" && reply.text === "QUEUED";
    switch (name.toUpperCase()) {
      case "MULTI":
        if (!isRefused) this.#inTransaction = true;
        break;
      case "EXEC":
      case "DISCARD":
        this.#inTransaction = false;
        break;
      case "RESET":
        this.#inTransaction = false;
        this.#database = 0;
        break;
      case "SELECT":
        if (!isRefused && !isQueued) this.#database = Number(words[0]);
        break;
      default:
    }
  }
}
