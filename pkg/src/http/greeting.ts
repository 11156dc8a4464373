/**
 * How a WebSocket's session begins: clients made for TCP say who they are by their first commands,
 * `AUTH <token>` or `HELLO 3 AUTH default <token>`. Whoever has said it with the handshake may do
 * so again, and is then what the command says. Behind the first other command AUTH is as any.
 */

import { concat } from "../bytes.ts";
import { encodeRequests, replyEnd } from "../framing.ts";
import * as limits from "../limits.ts";
import { ReplyReader } from "../resp.ts";
import type { Access } from "./backend.ts";
import { Failure } from "./failure.ts";

/** What a greeting has come to. */
export interface Greeted {
  /** What is to be answered, in order. */
  readonly replies: string[];
  /** What the client may do from now on; absent: nothing yet. */
  access?: Access;
  /** What is left for the session: then the greeting is over. */
  rest?: Uint8Array;
  /** The client is done, or says what is no request. */
  isOver?: boolean;
}

/** As Redis says it. */
const NO_AUTH = "-NOAUTH Authentication required.\r\n";
const NO_HELLO =
  "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time\r\n";
const USER = "default";

export class Greeting {
  readonly #admit: (token: string) => Promise<Access>;
  #isKnown: boolean;
  #received: Uint8Array = new Uint8Array(0);

  /** @param isKnown whether the handshake has said who the client is */
  constructor(admit: (token: string) => Promise<Access>, isKnown: boolean) {
    this.#admit = admit;
    this.#isKnown = isKnown;
  }

  /** Takes what has come. To be called again when that is done, and not before. */
  async take(bytes: Uint8Array): Promise<Greeted> {
    const greeted: Greeted = { replies: [] };
    const all = concat([this.#received, bytes]);
    let at = 0;
    for (;;) {
      const words = wordsAt(all, at);
      if (words === undefined) break;
      if (words === null) return this.#passOn(greeted, all.subarray(at));
      const name = words[0]?.toLowerCase();
      const next = replyEnd(all, at);
      if (name === "quit" && !this.#isKnown) {
        greeted.replies.push("+OK\r\n");
        return { ...greeted, isOver: true };
      }
      const place = name === "hello" ? authAt(words) : -1;
      if (name === "auth" && (words.length === 2 || words.length === 3)) {
        const user = words.length === 3 ? words[1] : USER;
        if (await this.#test(user, words.at(-1), greeted)) greeted.replies.push("+OK\r\n");
      } else if (place > 0) {
        if (await this.#test(words[place + 1], words[place + 2], greeted)) {
          words.splice(place, 3);
          const hello = encodeRequests([words]);
          return { ...greeted, rest: concat([hello, all.subarray(next)]) };
        }
      } else if (this.#isKnown) return { ...greeted, rest: all.subarray(at) };
      else greeted.replies.push(name === "hello" ? NO_HELLO : NO_AUTH);
      at = next;
    }
    this.#received = all.slice(at);
    if (this.#received.byteLength <= limits.greetingBytes) return greeted;
    return this.#passOn(greeted, this.#received);
  }

  /** What is no greeting: for the session, if the client is known. */
  #passOn(greeted: Greeted, rest: Uint8Array): Greeted {
    if (this.#isKnown) return { ...greeted, rest };
    greeted.replies.push(NO_AUTH);
    return { ...greeted, isOver: true };
  }

  async #test(
    user: string | undefined,
    token: string | undefined,
    greeted: Greeted,
  ): Promise<boolean> {
    try {
      if (user !== USER || token === undefined)
        throw new Failure(401, `WRONGPASS the user is "${USER}", and its password a token`);
      greeted.access = await this.#admit(token);
      this.#isKnown = true;
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      greeted.replies.push(`-${error.message}\r\n`);
      return false;
    }
  }
}

/** The words of the request that begins here; null: it is none, undefined: it is not whole yet. */
function wordsAt(bytes: Uint8Array, at: number): string[] | null | undefined {
  const ARRAY = 0x2a;
  if (at === bytes.byteLength) return undefined;
  if (bytes[at] !== ARRAY) return null;
  try {
    if (replyEnd(bytes, at) < 0) return undefined;
    const reader = new ReplyReader(bytes.subarray(at));
    return Array.from({ length: reader.items() }, () => reader.text());
  } catch {
    return null;
  }
}

/** Where HELLO says AUTH; -1: nowhere. */
function authAt(words: readonly string[]): number {
  return words.findIndex((word, at) => at >= 2 && word.toLowerCase() === "auth");
}
