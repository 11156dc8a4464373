/** A connection on which commands are asked and answered, as a person does. */

import { TransportError } from "../../errors.ts";
import { encodeRequests } from "../../framing.ts";
import type { Place, Receiver, Wire } from "../wire/place.ts";
import { type Reply, ReplyStream } from "./reply.ts";

/** What one is told of besides answers. */
export interface Listener {
  /** A message, or anything else that nobody asked for. */
  onPush(push: Reply): void;
}

/** How a conversation begins. */
export interface Beginning {
  /** RESP2 or RESP3. */
  readonly protocol: 2 | 3;
  readonly database: number;
}

/** It was ended here. */
export class InterruptedError extends Error {}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
  /** Answered by a push. */
  readonly byPush: boolean;
}

/** A word of bytes, a character each. */
export type Word = string;

/** A connection and what is asked on it. */
export class Conversation implements Receiver {
  readonly #replies = new ReplyStream();
  readonly #waiting: Waiting[] = [];
  readonly #listener: Listener;
  readonly #ended = Promise.withResolvers<never>();
  #wire: Wire | undefined;
  #failure: Error | undefined;

  private constructor(listener: Listener) {
    this.#listener = listener;
    this.#ended.promise.catch(() => {});
  }

  /**
   * Connects, says who it is, and selects the database.
   *
   * @throws TransportError when nobody answers there, or lets us in
   */
  static async begin(
    place: Place,
    { protocol, database }: Beginning,
    listener: Listener,
  ): Promise<Conversation> {
    const conversation = new Conversation(listener);
    conversation.#wire = await place.connect(conversation);
    const { credentials } = place;
    const greetings: Word[][] = [];
    if (credentials.length > 0) greetings.push(["AUTH", ...credentials.map(bytesOf)]);
    if (protocol === 3) greetings.push(["HELLO", "3"]);
    if (database !== 0) greetings.push(["SELECT", `${database}`]);
    for (const greeting of greetings) {
      const reply = await conversation.ask(greeting);
      if (reply.type !== "error") continue;
      conversation.close();
      throw new TransportError(`${place.name}: ${greeting[0]}: ${reply.text}`);
    }
    return conversation;
  }

  /** Rejected when it is over, with the reason. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  /** Whether nothing can be asked any more. */
  get isOver(): boolean {
    return this.#failure !== undefined;
  }

  /** Sends a command. @throws TransportError when the connection ends before the answer */
  async ask(words: readonly Word[]): Promise<Reply> {
    if (this.#failure !== undefined) throw this.#failure;
    const byPush = /^(p|s)?(un)?subscribe$/i.test(words[0] ?? "");
    const answer = new Promise<Reply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject, byPush });
    });
    await this.#wire?.send(encodeRequests([words.map((word) => Buffer.from(word, "latin1"))]));
    return await answer;
  }

  /** Ends it; what waits is rejected for this reason. */
  close(reason: Error = new InterruptedError()): void {
    this.#wire?.close();
    this.#fail(reason);
  }

  receive(bytes: Uint8Array): void {
    this.#replies.push(bytes);
    try {
      for (let reply = this.#replies.next(); reply !== undefined; reply = this.#replies.next())
        this.#take(reply);
    } catch (error) {
      this.close(error as Error);
    }
  }

  end(reason: string): void {
    this.#fail(new TransportError(reason));
  }

  #take(reply: Reply): void {
    const [first] = this.#waiting;
    const isOurs = first !== undefined && (reply.type !== "push" || first.byPush);
    if (isOurs) this.#waiting.shift()?.resolve(reply);
    else this.#listener.onPush(reply);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#ended.reject(this.#failure);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** A text in UTF-8, a character each byte. */
export function bytesOf(text: string | Uint8Array): Word {
  return Buffer.from(text as string).toString("latin1");
}
