/** The front door's backend in a Worker: one Durable Object for each key. */

import { concat } from "../bytes.ts";
import { encodeRequests } from "../framing.ts";
import type { Access, Backend, Connection, ObjectFigures, Sink } from "../http/backend.ts";
import { repliesTooLong } from "../http/failure.ts";
import { Feeds } from "../http/feed.ts";
import * as limits from "../limits.ts";
import { ObjectConnection } from "./connection.ts";
import { residentBytes } from "./core.ts";
import { Directory } from "./directory.ts";
import type { StreamObject } from "./object.ts";
import { ObjectSession } from "./object-session.ts";
import type { Placement } from "./placement.ts";
import { type Objects, Places } from "./places.ts";
import { objectName } from "./route.ts";

const encoder = new TextEncoder();

/** The feeds of this isolate, by the namespace and by where its objects are. */
const feeds = new WeakMap<Objects, Map<string, Feeds>>();

/** Runs sessions on the objects of a namespace. */
export class ObjectBackend implements Backend {
  readonly #namespace: Objects;
  readonly #placements: readonly Placement[];
  readonly #places: Places;

  constructor(namespace: Objects, placements: readonly Placement[] = []) {
    this.#namespace = namespace;
    this.#placements = placements;
    this.#places = new Places(namespace, placements);
  }

  /** What is shared by all requests in this isolate that reach the same objects. */
  get feeds(): Feeds {
    const known = feeds.get(this.#namespace) ?? new Map<string, Feeds>();
    feeds.set(this.#namespace, known);
    const rules = JSON.stringify(this.#placements);
    const own = known.get(rules) ?? new Feeds();
    known.set(rules, own);
    return own;
  }

  async run(
    requests: Uint8Array<ArrayBuffer>,
    access: Access,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const untilMs = Date.now() + limits.httpWaitMs;
    const session = new ObjectSession(this.#places, rulesOf(access), { untilMs });
    const end = () => session.close();
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    try {
      const replies = await session.run(requests);
      const bytes = replies.reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (bytes > limits.httpReplyBytes) throw repliesTooLong();
      return concat(replies);
    } finally {
      signal.removeEventListener("abort", end);
      session.close();
    }
  }

  /** Of all objects how many keys there are; of this isolate's what they have in memory. */
  async figures(): Promise<ReadonlyMap<string, number>> {
    const keys = await new Directory(this.#places).size();
    return new Map([
      ["keys", keys],
      ["resident_bytes", residentBytes()],
    ]);
  }

  /** Of these keys' objects, but for those that cannot be reached. */
  async objectFigures(keys: readonly string[]): Promise<ObjectFigures[]> {
    const names = new Set(keys.map((key) => objectName(encoder.encode(key))));
    const asked = await Promise.allSettled(
      [...names].map(async (object) => {
        const stub = this.#places.object(object) as DurableObjectStub<StreamObject>;
        return { object, rowsWritten: await stub.rowsWritten() };
      }),
    );
    return asked.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  }

  connect(sink: Sink, access: Access): Connection {
    return new ObjectConnection(this.#places, sink, rulesOf(access));
  }
}

/** Rules as the core takes them: the words of one request. */
function rulesOf({ rules }: Access): Uint8Array<ArrayBuffer> {
  return rules.length === 0 ? new Uint8Array(0) : encodeRequests([rules]);
}
