/**
 * MULTI to EXEC, at the front door: the requests are kept here, and go to their object in one
 * message. So no object has to remember half a transaction while it sleeps.
 */

import { queueAtDoor } from "./door.ts";
import type { Terms } from "./link.ts";
import { CROSSING, isError, REFUSED, type Reply, TOO_LONG } from "./reply.ts";
import { isInOne, type Kind, type Route } from "./route.ts";

/** What an object cannot do for a transaction. */
const ELSEWHERE: ReadonlySet<Kind> = new Set(["index", "channels", "refused", "continued"]);
/** What Redis lets pass as a slip: the transaction can go on. */
const SLIPS: ReadonlySet<Kind> = new Set(["multi", "watch"]);

export class Transaction {
  readonly #requests: Uint8Array[] = [];
  #name: string | undefined;
  #isAborted = false;

  /** @param name the object of the keys that are watched */
  constructor(name?: string) {
    this.#name = name;
  }

  /** The object of its keys; `undefined` while it names none. */
  get name(): string | undefined {
    return this.#name;
  }

  /** What was queued. */
  get requests(): readonly Uint8Array[] {
    return this.#requests;
  }

  /** Whether something could not be queued, so that EXEC has to refuse. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Queues a request; the reply says whether that was possible. */
  queue(route: Route, terms: Terms): Reply {
    const reply = this.#admit(route) ?? queueAtDoor(route.bytes, terms);
    if (isError(reply)) this.#isAborted ||= !SLIPS.has(route.kind);
    else this.#requests.push(route.bytes.slice());
    return reply;
  }

  #admit(route: Route): Reply | undefined {
    if (SLIPS.has(route.kind)) return undefined;
    if (route.kind === "tooLong") return TOO_LONG;
    if (ELSEWHERE.has(route.kind)) return REFUSED;
    const [name] = route.names;
    if (name === undefined) return undefined;
    if (!isInOne(route) || name !== (this.#name ?? name)) return CROSSING;
    this.#name = name;
    return undefined;
  }
}
