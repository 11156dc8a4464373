/**
 * A session over the objects of its keys, at the front door: replies come in the order of the
 * requests, whichever objects they are from. Requests that do not wait go to their objects side by
 * side; one that may wait is run when all before it are done, and what is behind it when it is.
 */

import { isBlocking } from "../commands/blocking.ts";
import * as limits from "../limits.ts";
import { Channels } from "./channels.ts";
import { Directory } from "./directory.ts";
import { answerAtDoor, routesOf } from "./door.ts";
import { LinkFailure, type Protocol, post, SocketLink, type Terms, type Wait } from "./link.ts";
import { gaveNothing } from "./lost-wait.ts";
import type { Places } from "./places.ts";
import {
  array,
  bulk,
  CROSSING,
  inProtocol,
  isError,
  isNull,
  line,
  mergeReads,
  nullArray,
  OK,
  REFUSED,
  type Reply,
  splitReplies,
  sum,
  TOO_LONG,
  UNWATCHED,
} from "./reply.ts";
import { isInOne, type Kind, type Route, readWords } from "./route.ts";
import {
  hasCommonBound,
  type Share,
  shareGroupTests,
  shareKeys,
  shareRead,
  shorten,
} from "./share.ts";
import { Transaction } from "./transaction.ts";
import { Watch } from "./watch.ts";

const encoder = new TextEncoder();
const MULTI = encoder.encode("*1\r\n$5\r\nMULTI\r\n");
const UNWATCH = encoder.encode("*1\r\n$7\r\nUNWATCH\r\n");
const EXEC = encoder.encode("*1\r\n$4\r\nEXEC\r\n");
const ABORTED = line("-EXECABORT Transaction discarded because of previous errors.");
/** How long to wait before an object is asked again that was lost while a read waited there. */
const RETRY_MS = [0, 50, 200, 1000, 2000];

/** How a session is used. */
export interface SessionOptions {
  /** Takes what others' commands cause; without it the session is one request long. */
  push?: (bytes: Reply) => void;
  /** Until when a read may wait, in milliseconds since 1970. */
  untilMs?: number;
}

export class ObjectSession {
  readonly #places: Places;
  readonly #rules: Uint8Array<ArrayBuffer>;
  readonly #push: ((bytes: Reply) => void) | undefined;
  readonly #untilMs: number;
  readonly #directory: Directory;
  readonly #channels: Channels;
  /** The one used last is the last. */
  readonly #links = new Map<string, SocketLink>();
  #protocol: Protocol = 2;
  #transaction: Transaction | undefined;
  #watch: Watch | undefined;
  /** The object of the last request that named a key. */
  #lastName: string | undefined;
  #isOver = false;

  /** @param rules what it may do, as one RESP request; empty: everything */
  constructor(places: Places, rules: Uint8Array<ArrayBuffer>, options: SessionOptions) {
    this.#places = places;
    this.#rules = rules;
    this.#push = options.push;
    this.#untilMs = options.untilMs ?? Infinity;
    this.#directory = new Directory(places);
    this.#channels = new Channels(places, (item) => this.#push?.(inProtocol(item, this.#protocol)));
  }

  /** Whether the client has said that it is done, or the session was closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Runs complete requests; their replies in order, each piece one or several of them.
   *
   * @throws RequestError for bytes that are no requests
   */
  async run(requests: Uint8Array<ArrayBuffer>): Promise<Reply[]> {
    const replies: Reply[] = [];
    let batch: Route[] = [];
    for (const route of routesOf(requests, this.#terms)) {
      if (this.#isOver) break;
      if (this.#isPlain(route)) {
        batch.push(route);
        continue;
      }
      replies.push(...(await this.#runBatch(batch)));
      batch = [];
      replies.push(...(await this.#runAlone(route)));
    }
    replies.push(...(await this.#runBatch(batch)));
    return replies;
  }

  /** Ends it, and what waits. */
  close(): void {
    this.#isOver = true;
    this.#closeLinks();
    this.#channels.close();
  }

  get #terms(): Terms {
    return { protocol: this.#protocol, rules: this.#rules };
  }

  /** Whether a request can be run beside others. */
  #isPlain(route: Route): boolean {
    if (this.#transaction !== undefined || this.#isListening) return false;
    switch (route.kind) {
      case "door":
      case "refused":
      case "tooLong":
      case "keyed":
      case "sum":
        return true;
      case "read":
      case "groupRead":
        return isInOne(route) && !isBlocking(readWords(route.bytes));
      default:
        return false;
    }
  }

  /** In RESP2 a session that listens may do little else. */
  get #isListening(): boolean {
    return this.#protocol === 2 && this.#channels.count > 0;
  }

  async #runAlone(route: Route): Promise<Reply[]> {
    const { kind, bytes } = route;
    if (kind === "quit") return [this.#quit()];
    if (kind === "reset") return this.#reset(bytes);
    if (this.#isListening && kind !== "channels") return [listening(bytes)];
    if (this.#transaction !== undefined) return this.#inTransaction(this.#transaction, route);
    switch (kind) {
      case "session":
        return [this.#greet(bytes)];
      case "multi":
        this.#transaction = new Transaction(this.#watch?.name);
        return [OK];
      case "watch":
        return [await this.#startWatch(route)];
      case "unwatch":
        return [await this.#endWatch()];
      case "index":
        return [await this.#list(bytes)];
      case "channels":
        return this.#runChannels(bytes);
      case "pop":
      case "read":
      case "groupRead":
        return [await this.#read(route)];
      case "continued":
        if (this.#lastName === undefined) return [REFUSED];
        return [await this.#runAt(this.#lastName, [bytes], 1)];
      case "exec":
      case "discard":
        return answerAtDoor([bytes], this.#terms);
      default:
        return this.#runBatch([route]);
    }
  }

  #quit(): Reply {
    this.close();
    return OK;
  }

  #reset(request: Uint8Array): Reply[] {
    [this.#transaction, this.#watch] = [undefined, undefined];
    this.#closeLinks();
    this.#channels.close();
    this.#protocol = 2;
    return answerAtDoor([request], this.#terms);
  }

  /** HELLO: objects speak the session's version of RESP, so those that do not are left. */
  #greet(request: Uint8Array<ArrayBuffer>): Reply {
    const [reply] = answerAtDoor([request], this.#terms);
    const [, version] = readWords(request);
    if (version === undefined || isError(reply!)) return reply!;
    const protocol = new TextDecoder().decode(version) === "3" ? 3 : 2;
    if (protocol !== this.#protocol) this.#closeLinks();
    this.#protocol = protocol;
    return reply!;
  }

  async #inTransaction(transaction: Transaction, route: Route): Promise<Reply[]> {
    if (route.kind === "discard") {
      this.#transaction = undefined;
      return [await this.#endWatch()];
    }
    if (route.kind !== "exec") return [transaction.queue(route, this.#terms)];
    this.#transaction = undefined;
    const { isAborted, name, requests } = transaction;
    if (isAborted) {
      await this.#endWatch();
      return [ABORTED];
    }
    const watch = this.#watch;
    this.#watch = undefined;
    // Nobody knows what has become of the keys.
    if (watch?.isLost) return [nullArray(this.#protocol)];
    const all = [MULTI, ...requests, EXEC];
    if (name === undefined) return answerAtDoor(all, this.#terms).slice(-1);
    return splitReplies(await this.#runAt(name, all, all.length)).slice(-1);
  }

  /** WATCH: the object of the keys sees whether they change, as long as the socket to it lives. */
  async #startWatch(route: Route): Promise<Reply> {
    if (this.#push === undefined) return UNWATCHED;
    const [name] = route.names as [string, ...string[]];
    if (!isInOne(route) || name !== (this.#watch?.name ?? name)) return CROSSING;
    if (this.#watch?.isLost) return OK;
    const link = this.#link(name);
    const reply = (await this.#runAt(name, [route.bytes], 1)) as Reply;
    if (!isError(reply)) this.#watch ??= new Watch(name, link);
    return reply;
  }

  async #endWatch(): Promise<Reply> {
    const watch = this.#watch;
    this.#watch = undefined;
    // Where the object was lost, so was the watch.
    if (watch !== undefined && !watch.isLost) await this.#runAt(watch.name, [UNWATCH], 1);
    return OK;
  }

  async #list(request: Uint8Array<ArrayBuffer>): Promise<Reply> {
    const [reply] = answerAtDoor([request], this.#terms);
    if (isError(reply!)) return reply!;
    return this.#directory.answer(readWords(request), this.#terms);
  }

  async #runChannels(request: Uint8Array<ArrayBuffer>): Promise<Reply[]> {
    const verb = new TextDecoder().decode(readWords(request)[0]).toLowerCase();
    if (verb.endsWith("subscribe") && this.#push === undefined) return [REFUSED];
    return this.#channels.run(request, this.#terms);
  }

  /** Runs requests that do not wait, each object's own side by side with the others'. */
  async #runBatch(batch: readonly Route[]): Promise<Reply[]> {
    if (batch.length === 0) return [];
    const [first] = batch;
    const name = first!.names[0];
    this.#lastName = batch.findLast(({ names }) => names.length > 0)?.names[0] ?? this.#lastName;
    if (name !== undefined && batch.every((route) => isFor(route, name))) {
      const requests = batch.map(({ bytes }) => bytes);
      return [await this.#runAt(name, requests, batch.length)];
    }
    const replies: Reply[] = [];
    const shares = new Map<string, { requests: Uint8Array[]; take: ((reply: Reply) => void)[] }>();
    const atDoor: { request: Uint8Array; place: number }[] = [];
    for (const [place, route] of batch.entries()) {
      if (route.kind === "door") atDoor.push({ request: route.bytes, place });
      else if (route.kind === "refused") replies[place] = REFUSED;
      else if (route.kind === "tooLong") replies[place] = TOO_LONG;
      else if (route.kind !== "sum" && !isInOne(route)) replies[place] = CROSSING;
      else {
        const parts: Reply[] = [];
        for (const { name, request } of sharesOf(route)) {
          const share = shares.get(name) ?? { requests: [], take: [] };
          shares.set(name, share);
          share.requests.push(request);
          share.take.push((reply) => {
            parts.push(reply);
            replies[place] = route.kind === "sum" ? sum(parts) : reply;
          });
        }
      }
    }
    const answers = answerAtDoor(
      atDoor.map(({ request }) => request),
      this.#terms,
    );
    for (const [at, { place }] of atDoor.entries()) replies[place] = answers[at]!;
    const runs = [...shares].map(async ([name, { requests, take }]) => {
      const own = splitReplies(await this.#runAt(name, requests, requests.length));
      for (const [at, reply] of own.entries()) take[at]!(reply);
    });
    await Promise.all(runs);
    return replies;
  }

  /** A read that may wait, or whose streams are in several objects. */
  async #read(route: Route): Promise<Reply> {
    const isPop = route.kind === "pop";
    if (!isInOne(route) && (isPop || hasCommonBound(route))) return CROSSING;
    const shares = isPop || isInOne(route) ? sharesOf(route) : shareRead(route);
    if (shares.length > 1 && route.kind === "groupRead") {
      const problem = await this.#missingGroup(route, shares);
      if (problem !== undefined) return problem;
    }
    const replies = isBlocking(readWords(route.bytes))
      ? await this.#wait(shares, route.kind)
      : await Promise.all(shares.map(({ name, request }) => this.#runAt(name, [request], 1)));
    return shares.length === 1 ? replies[0]! : mergeReads(replies, this.#protocol);
  }

  /** XREADGROUP delivers nothing when one of its groups is missing: what it says then. */
  async #missingGroup(route: Route, shares: readonly Share[]): Promise<Reply | undefined> {
    const tests = shareGroupTests(route);
    const found = await Promise.all(
      tests.map(({ name, request }) => this.#runAt(name, [request], 1)),
    );
    const missing = tests[found.findIndex(isError)];
    const share = shares.find(({ name }) => name === missing?.name);
    return share && this.#runAt(share.name, [share.request], 1);
  }

  /**
   * Waits at several objects. The first that has something ends the wait at the others, and what
   * they have come to meanwhile is told as well: to a group it has been delivered.
   */
  async #wait(shares: readonly Share[], kind: Kind): Promise<Reply[]> {
    const ending = new AbortController();
    const leftMs = this.#untilMs - Date.now();
    const timer =
      leftMs === Infinity ? null : setTimeout(() => ending.abort(), Math.max(leftMs, 0));
    const replies = await Promise.all(
      shares.map(async (share) => {
        const reply = await this.#waitAt(share, kind, ending.signal);
        if (!isNull(reply)) ending.abort();
        return reply;
      }),
    );
    clearTimeout(timer);
    return replies;
  }

  /**
   * Waits at an object. When that is lost, a read that changes nothing waits on where it was, and
   * so does a group's if it is certain that it has been given nothing.
   */
  async #waitAt(share: Share, kind: Kind, ending: AbortSignal): Promise<Reply> {
    let { request } = share;
    let known: Wait | undefined;
    for (let attempt = 0; ; attempt++) {
      const link = this.#link(share.name);
      const cancel = () => link.cancel();
      ending.addEventListener("abort", cancel);
      try {
        const reply = link.run([shorten(request, known && leftUntil(known.deadlineMs))], 1);
        if (ending.aborted) cancel();
        return await reply;
      } catch (error) {
        if (!(error instanceof LinkFailure)) throw error;
        if (link.wait !== undefined) [known, attempt] = [link.wait, 0];
        if (known !== undefined) ({ request } = known);
        const isHopeless = known === undefined || kind === "pop" || attempt >= RETRY_MS.length;
        if (this.#isOver || isHopeless) return line(`-${error.message}`);
        if (ending.aborted) return nullArray(this.#protocol);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS[attempt]));
        const object = this.#places.object(share.name);
        if (kind === "groupRead" && !(await gaveNothing(object, known as Wait)))
          return line(`-${error.message}`);
      } finally {
        ending.removeEventListener("abort", cancel);
      }
    }
  }

  /** The replies of an object; where it has none, an error for each. */
  async #runAt(name: string, requests: readonly Uint8Array[], replies: number): Promise<Reply> {
    try {
      if (this.#push !== undefined) return await this.#link(name).run(requests, replies);
      return await post(this.#places.object(name), requests, this.#terms);
    } catch (error) {
      if (!(error instanceof LinkFailure)) throw error;
      const text = line(`-${error.message}`);
      return encoder.encode(new TextDecoder().decode(text).repeat(replies)) as Reply;
    }
  }

  #link(name: string): SocketLink {
    const known = this.#links.get(name);
    const link =
      known ??
      new SocketLink(this.#places.object(name), this.#terms, {
        closed: () => {
          if (this.#links.get(name) === link) this.#links.delete(name);
        },
      });
    this.#links.delete(name);
    this.#links.set(name, link);
    for (const [other, idle] of this.#links) {
      if (this.#links.size <= limits.sessionSockets) break;
      if (!idle.isIdle || other === name || idle === this.#watch?.link) continue;
      this.#links.delete(other);
      idle.close();
    }
    return link;
  }

  #closeLinks(): void {
    const links = [...this.#links.values()];
    this.#links.clear();
    for (const link of links) link.close();
  }
}

function sharesOf(route: Route): Share[] {
  if (route.kind === "sum") return shareKeys(route);
  return [{ name: route.names[0]!, request: route.bytes }];
}

/** Whether a request goes to this object as it is. */
function isFor({ kind, names }: Route, name: string): boolean {
  return (
    kind !== "refused" &&
    kind !== "tooLong" &&
    names.length > 0 &&
    names.every((other) => other === name)
  );
}

function leftUntil(deadlineMs: number | undefined): number | undefined {
  return deadlineMs === undefined ? undefined : deadlineMs - Date.now();
}

function listening(request: Uint8Array<ArrayBuffer>): Reply {
  const [command, message] = readWords(request);
  const name = new TextDecoder().decode(command).toLowerCase();
  if (name === "ping") return array([bulk("pong"), bulk(message ?? "")]);
  return line(
    `-ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}
