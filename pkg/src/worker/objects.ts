/** The front door's backend in a Worker: one Durable Object for each key. */

import {
  type Access,
  type Backend,
  type Connection,
  RequestError,
  type Sink,
} from "../http/backend.ts";
import { replyEnd } from "../resp.ts";
import { runAtDoor } from "./instance.ts";
import { type Route, readRoutes } from "./route.ts";

/** The requests of a pipeline that go to one object, and which replies are theirs. */
interface Share {
  requests: Uint8Array[];
  /** For each request its place in the pipeline; `undefined` when another gives that reply. */
  places: (number | undefined)[];
}

const encoder = new TextEncoder();
const CROSSING = encoder.encode("-CROSSSLOT Keys in request don't hash to the same slot\r\n");
const REFUSED = encoder.encode(
  "-ERR this command is not available here: every key has an object of its own, and a session is one request long\r\n",
);

/** What of a namespace is needed to reach its objects. */
export type Objects = Pick<DurableObjectNamespace, "get" | "idFromName">;

/** Runs sessions on the objects of a namespace. */
export class ObjectBackend implements Backend {
  readonly #namespace: Objects;

  constructor(namespace: Objects) {
    this.#namespace = namespace;
  }

  async run(
    requests: Uint8Array<ArrayBuffer>,
    { rules }: Access,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (rules.length > 0)
      throw new RequestError("NOPERM this Worker takes tokens for everything only");
    const routes = routesOf(requests);
    const [first] = routes;
    if (first?.target === "object" && routes.every((route) => isSame(route, first))) {
      const places = routes.map((_, place) => place);
      return this.#runAt(first.name, { requests: [requests], places }, signal);
    }
    const replies: Uint8Array[] = [];
    const shares = shareOut(requests, routes, replies);
    const runs = [...shares].map(async ([name, share]) => {
      const bytes = await this.#runAt(name, share, signal);
      let at = 0;
      for (const place of share.places) {
        const end = replyEnd(bytes, at);
        if (place !== undefined) replies[place] = bytes.subarray(at, end);
        at = end;
      }
    });
    await Promise.all(runs);
    return concat(replies);
  }

  connect(sink: Sink): Connection {
    sink.close("ERR this Worker has no sessions that last");
    return { write: () => {}, close: () => {} };
  }

  /** The replies of an object; where it has none, an error for each request. */
  async #runAt(name: string, share: Share, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const object = this.#namespace.get(this.#namespace.idFromName(name));
    const body = concat(share.requests);
    let problem: string;
    try {
      const response = await object.fetch("https://object/", { method: "POST", body, signal });
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      problem = await response.text();
    } catch (error) {
      if (signal.aborted) throw error;
      problem = `TRYAGAIN the stream's object failed, and whether the command ran is unknown: ${error}`;
    }
    const line = encoder.encode(`-${problem.replaceAll(/[\r\n]+/g, " ")}\r\n`);
    return concat(share.places.map(() => line));
  }
}

function routesOf(requests: Uint8Array): Route[] {
  try {
    return readRoutes(
      requests,
      runAtDoor((instance) => instance.route(requests)),
    );
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    throw new RequestError((error as Error).message);
  }
}

/** Divides the pipeline; replies that need no object are put in their places at once. */
function shareOut(
  requests: Uint8Array,
  routes: readonly Route[],
  replies: Uint8Array[],
): Map<string, Share> {
  const shares = new Map<string, Share>();
  const door: Share = { requests: [], places: [] };
  for (const { target, name } of routes) {
    if (target === "object") shares.set(name, { requests: [], places: [] });
  }
  for (const [place, { target, name, start, end }] of routes.entries()) {
    const request = requests.subarray(start, end);
    if (target === "crossing") replies[place] = CROSSING;
    else if (target === "refused") replies[place] = REFUSED;
    else add((target === "object" ? shares.get(name) : undefined) ?? door, request, place);
    if (target !== "session") continue;
    for (const share of shares.values()) add(share, request, undefined);
  }
  answerAtDoor(door, replies);
  return shares;
}

function add(share: Share, request: Uint8Array, place: number | undefined): void {
  share.requests.push(request);
  share.places.push(place);
}

/** Has an empty engine answer what names no key. */
function answerAtDoor(door: Share, replies: Uint8Array[]): void {
  const requests = concat(door.requests);
  const bytes = runAtDoor((instance) => instance.answer(Date.now(), requests));
  let at = 0;
  for (const place of door.places) {
    const end = replyEnd(bytes, at);
    if (place !== undefined) replies[place] = bytes.subarray(at, end);
    at = end;
  }
}

function isSame(route: Route, other: Route): boolean {
  return route.target === other.target && route.name === other.name;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
