/**
 * A session's channels. One object of the namespace has them all, so that a message reaches exactly
 * those who listen, and PUBLISH can say how many. The front door knows what its session listens to,
 * and says so again when the object was started anew; what was published meanwhile is not told.
 */

import { encodeRequests } from "../framing.ts";
import { answerAtDoor } from "./door.ts";
import { LinkFailure, post, SocketLink, type Terms } from "./link.ts";
import type { Places } from "./places.ts";
import { inProtocol, isMessage, line, type Reply, splitReplies } from "./reply.ts";
import { readWords } from "./route.ts";

/** The name of their object. No key's object is called so: there `%` has two digits behind it. */
const NAME = "%channels";
/** How long to wait before the object is asked again that could not be reached. */
const RETRY_MS = [50, 200, 1000, 5000];

const decoder = new TextDecoder();

export class Channels {
  readonly #places: Places;
  readonly #push: (message: Reply) => void;
  readonly #topics = {
    channel: new Map<string, Uint8Array>(),
    pattern: new Map<string, Uint8Array>(),
  };
  #link: SocketLink | undefined;
  #terms: Terms | undefined;
  #isClosed = false;

  /** @param push takes messages, in RESP3 */
  constructor(places: Places, push: (message: Reply) => void) {
    this.#places = places;
    this.#push = push;
  }

  /** To how much the session listens. */
  get count(): number {
    return this.#topics.channel.size + this.#topics.pattern.size;
  }

  /** Publishes, or asks about channels; or subscribes and unsubscribes. The replies, in order. */
  async run(request: Uint8Array<ArrayBuffer>, terms: Terms): Promise<Reply[]> {
    const [command, ...names] = readWords(request);
    const verb = decoder.decode(command).toLowerCase();
    try {
      if (!verb.endsWith("subscribe")) {
        return splitReplies(await post(this.#places.common(NAME), [request], terms));
      }
      // Nobody listens: an empty engine says so.
      if (verb.includes("unsub") && this.#link === undefined) return answerAtDoor([request], terms);
      const topics = verb.startsWith("p") ? this.#topics.pattern : this.#topics.channel;
      const expected = names.length > 0 ? names.length : Math.max(topics.size, 1);
      this.#terms = { ...terms, protocol: 3 };
      const replies = await this.#open().run([request], expected);
      note(topics, names, !verb.includes("unsub"));
      if (this.count === 0) this.#drop();
      return splitReplies(replies).map((reply) => inProtocol(reply, terms.protocol));
    } catch (error) {
      if (!(error instanceof LinkFailure)) throw error;
      return [line(`-${error.message}`)];
    }
  }

  /** Listens to nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #drop(): void {
    for (const topics of Object.values(this.#topics)) topics.clear();
    const link = this.#link;
    this.#link = undefined;
    link?.close();
  }

  #open(): SocketLink {
    if (this.#link !== undefined) return this.#link;
    const link = new SocketLink(this.#places.common(NAME), this.#terms!, {
      takePush: (item) => {
        if (!isMessage(item)) return false;
        this.#push(item);
        return true;
      },
      closed: () => {
        if (this.#link !== link) return;
        this.#link = undefined;
        void this.#listenAgain(0);
      },
    });
    this.#link = link;
    return link;
  }

  async #listenAgain(attempt: number): Promise<void> {
    const { channel, pattern } = this.#topics;
    const subscriptions = [
      ["SUBSCRIBE", ...channel.values()],
      ["PSUBSCRIBE", ...pattern.values()],
    ].filter((words) => words.length > 1);
    if (subscriptions.length === 0) return;
    const delayMs = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (this.#isClosed || this.#link !== undefined || this.count === 0) return;
    try {
      await this.#open().run([encodeRequests(subscriptions)], this.count);
    } catch (error) {
      if (!(error instanceof LinkFailure)) throw error;
      this.#link = undefined;
      void this.#listenAgain(attempt + 1);
    }
  }
}

function note(
  topics: Map<string, Uint8Array>,
  names: readonly Uint8Array[],
  isAdded: boolean,
): void {
  if (names.length === 0) topics.clear();
  for (const name of names) {
    // One character for each byte, so that no two names are the same.
    const key = Array.from(name, (byte) => String.fromCharCode(byte)).join("");
    if (isAdded) topics.set(key, name.slice());
    else topics.delete(key);
  }
}
