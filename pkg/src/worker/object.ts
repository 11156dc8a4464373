/**
 * The Durable Object of one key, or of all keys with the same `{hash tag}`.
 *
 * It hands the platform's events to the core in Rust, and what the core gives back to whoever
 * waits for it. Replies need no gate here: the platform holds every response back until what was
 * written before it is durable.
 *
 * Clients are requests, which do not wait, and sockets, which may. While only sockets are idle the
 * object sleeps, and costs nothing: each socket carries what its client is, and the first event
 * after the sleep goes on with all of them, a waiting read from the ID that it had come to.
 *
 * Objects that are called for it are parts of the index of keys (see `key-index.ts`), and one is
 * where channels are; they are of the same class, so that a Worker has to bind only one.
 */

import { DurableObject } from "cloudflare:workers";
import * as limits from "../limits.ts";
import { Clock } from "./clock.ts";
import { EngineLost, ObjectEngine, type Run } from "./core.ts";
import { fromBase64, LIFE, LISTENS, PROTOCOL, REQUESTS, RULES } from "./headers.ts";
import { KeyIndex, type KeyPage } from "./key-index.ts";
import { Notices } from "./notices.ts";
import { type KeyChange, type Outputs, readResumption } from "./output.ts";
import { type Attachment, RequestSession, type Session, SocketSession } from "./session.ts";
import { hashOf, indexName, shardOf } from "./shards.ts";

const NOTHING = new Uint8Array(0);
const HELLO_3 = Uint8Array.from(new TextEncoder().encode("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"));

/** What of a Worker's environment an object looks at. */
export interface ObjectEnv {
  /** Bytes of entries that all objects of an isolate keep in memory; 64 MiB if it does not say. */
  EDDYLINE_RESIDENT_BYTES?: string;
}

/**
 * The Durable Object of a key: its engine, its storage, and the sessions that use it. A Worker
 * exports it and binds a namespace to it; it is spoken to by {@link router} and {@link streams}
 * alone.
 */
export class StreamObject extends DurableObject<ObjectEnv> {
  readonly #engine: ObjectEngine;
  readonly #clock: Clock;
  readonly #notices: Notices;
  readonly #sessions = new Map<number, Session>();
  readonly #sockets = new Map<WebSocket, SocketSession>();
  #index: KeyIndex | undefined;
  #lastClient = 0;
  /** The index is to be told something. */
  #hasNotices = false;
  readonly #life = { [LIFE]: crypto.randomUUID() };
  /** Keeps the object from sleeping. */
  #awake: ReturnType<typeof setTimeout> | null = null;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    this.#engine = new ObjectEngine(ctx, env.EDDYLINE_RESIDENT_BYTES, () => this.#resume());
    this.#clock = new Clock(ctx.storage, () => this.#callAside((core, now) => core.tick(now)));
    this.#notices = new Notices(ctx.storage.sql, (changes) => this.#tellIndex(changes));
    for (const socket of ctx.getWebSockets()) this.#admit(socket);
    void ctx.blockConcurrencyWhile(() => this.#clock.open());
  }

  /**
   * Runs the RESP requests in the body as one session, or begins one that lasts on a socket.
   *
   * @internal
   */
  override async fetch(request: Request): Promise<Response> {
    const rules = fromBase64(request.headers.get(RULES) ?? "");
    if (request.headers.get("upgrade") === "websocket") return this.#accept(request, rules);
    const requests = new Uint8Array(await request.arrayBuffer());
    const client = ++this.#lastClient;
    const session = new RequestSession(client);
    this.#sessions.set(client, session);
    try {
      // It comes and goes in one transaction: a second one would cost a tenth of the request.
      this.#call(
        (core, now) => {
          if (rules.byteLength > 0) core.permit(client, rules);
          return core.turn(now, client, requests);
        },
        (core, now) => core.disconnect(now, client),
      );
      return new Response(await session.replies(), { headers: this.#life });
    } catch (error) {
      if (!(error instanceof EngineLost)) throw error;
      return new Response(error.message, { status: 503 });
    } finally {
      this.#sessions.delete(client);
    }
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const session = this.#sockets.get(socket);
    if (session === undefined) return;
    const { client } = session;
    // The only text there is says that the wait is to end.
    if (typeof message === "string")
      this.#callFor(session, (core, now) => core.cancel(now, client));
    else this.#runFor(session, new Uint8Array(message));
  }

  override webSocketClose(socket: WebSocket): void {
    // Without this the other side waits for the end of its own closing.
    socket.close(1000);
    this.#leave(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#leave(socket);
  }

  override async alarm(): Promise<void> {
    this.#clock.rang();
    this.#callAside((core, now) => core.tick(now));
    if (this.#hasNotices) await this.#tell();
  }

  /**
   * Rows that its engine has written since the object was last made.
   *
   * @internal
   */
  rowsWritten(): number {
    return this.#engine.rowsWritten;
  }

  /**
   * As a part of the index: notes what has become of keys.
   *
   * @internal
   */
  updateIndex(changes: KeyChange[]): void {
    this.ctx.storage.transactionSync(() => this.#keyIndex.update(changes));
  }

  /**
   * As a part of the index: some of its keys, from a hash on.
   *
   * @internal
   */
  indexPage(from: number, count: number): KeyPage {
    return this.#keyIndex.page(from, count);
  }

  /**
   * As a part of the index: how many keys it lists.
   *
   * @internal
   */
  indexCount(): number {
    return this.#keyIndex.count();
  }

  get #keyIndex(): KeyIndex {
    this.#index ??= new KeyIndex(this.ctx.storage.sql);
    return this.#index;
  }

  #accept(request: Request, rules: Uint8Array<ArrayBuffer>): Response {
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.ctx.acceptWebSocket(ours);
    const attachment: Attachment = {
      client: this.#lastClient + 1,
      rules,
      listens: request.headers.has(LISTENS),
      setup: request.headers.get(PROTOCOL) === "3" ? HELLO_3 : NOTHING,
      wait: NOTHING,
      deadlineMs: undefined,
    };
    ours.serializeAttachment(attachment);
    const session = this.#admit(ours);
    if (this.#engine.isOpen) this.#callAside((core, now) => resume(core, now, attachment));
    const requests = request.headers.get(REQUESTS);
    if (requests !== null) this.#runFor(session, fromBase64(requests));
    return new Response(null, { status: 101, webSocket: theirs, headers: this.#life });
  }

  #runFor(session: SocketSession, requests: Uint8Array<ArrayBuffer>): void {
    this.#callFor(session, (core, now) => core.turn(now, session.client, requests));
  }

  /** A call on behalf of a client that hears of it when the engine was lost. */
  #callFor(session: SocketSession, run: Run): void {
    try {
      this.#call(run);
    } catch (error) {
      if (!(error instanceof EngineLost)) throw error;
      session.fail(error.message);
    }
  }

  #admit(socket: WebSocket): SocketSession {
    const attachment = socket.deserializeAttachment() as Attachment;
    const session = new SocketSession(socket, attachment);
    this.#lastClient = Math.max(this.#lastClient, session.client);
    this.#sessions.set(session.client, session);
    this.#sockets.set(socket, session);
    return session;
  }

  #leave(socket: WebSocket): void {
    const session = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    if (session !== undefined) this.#forget(session);
  }

  #forget({ client }: Session): void {
    this.#sessions.delete(client);
    if (this.#engine.isOpen) this.#callAside((core, now) => core.disconnect(now, client));
  }

  /** Goes on with the sessions of all sockets in a core that was just made. */
  #resume(): Run[] {
    return [...this.#sockets.keys()].map((socket) => {
      const attachment = socket.deserializeAttachment() as Attachment;
      return (core, now) => resume(core, now, attachment);
    });
  }

  /** Makes calls of the core in one transaction, and takes what they come to. */
  #call(...runs: Run[]): void {
    const isNew = !this.#engine.isOpen;
    let all: Outputs[];
    try {
      all = this.#engine.call(runs, (keys) => this.#notices.add(keys));
    } catch (error) {
      this.#notices.forget();
      if (error instanceof EngineLost) this.#recover(error);
      throw error;
    }
    const hasNews = all.some(({ keys }) => keys.length > 0);
    this.#hasNotices ||= hasNews || (isNew && !this.#notices.isEmpty);
    const told = hasNews ? this.#tell() : undefined;
    if (!hasNews && isNew && this.#hasNotices) void this.#tell();
    const touched = new Set<SocketSession>();
    for (const output of all.flatMap(({ outputs }) => outputs)) {
      const session = this.#sessions.get(output.client);
      session?.add(output, told);
      if (session instanceof SocketSession) touched.add(session);
    }
    const { deadlineMs, expiryMs } = all.at(-1)!;
    const nowMs = Date.now();
    const retryMs = this.#hasNotices ? nowMs + limits.indexRetryMs : Infinity;
    this.#clock.set(deadlineMs, Math.min(expiryMs ?? Infinity, retryMs), nowMs);
    this.#keepSessions(touched);
  }

  /** A call on nobody's behalf: that the engine was lost is logged, and told to those who wait. */
  #callAside(run: Run): void {
    try {
      this.#call(run);
    } catch (error) {
      if (!(error instanceof EngineLost)) throw error;
    }
  }

  /**
   * The engine was lost. Who waits at a socket goes on waiting in the next one, whose time has to
   * be looked after. When it was lost for what a socket carries, nothing else would come of that;
   * and what no socket can carry, as what a session watches, is lost.
   */
  #recover({ isResuming }: EngineLost): void {
    for (const [socket, session] of this.#sockets) {
      if (!isResuming && !session.isTooLarge) continue;
      session.end("TRYAGAIN the stream's engine was lost and could not go on with the session");
      this.#sessions.delete(session.client);
      this.#sockets.delete(socket);
    }
    if ([...this.#sockets.values()].some(({ isParked }) => isParked)) {
      const nowMs = Date.now();
      this.#clock.set(nowMs, undefined, nowMs);
    }
  }

  /** Has those that were sent something remember it; all there are may be thousands. */
  #keepSessions(touched: Iterable<SocketSession>): void {
    let isTooLarge = false;
    for (const session of touched) {
      if (session.hasChanged) {
        const frame = this.#engine.resumption(session.client);
        session.keep(frame && readResumption(frame));
      }
      isTooLarge ||= session.isTooLarge;
    }
    if (isTooLarge) this.#stayAwake();
  }

  #stayAwake(): void {
    if (this.#awake !== null || ![...this.#sockets.values()].some((one) => one.isTooLarge)) return;
    this.#awake = setTimeout(() => {
      this.#awake = null;
      this.#stayAwake();
    }, limits.hibernateMs / 2);
  }

  /** Tells the index, for as long as a reply can wait for that. */
  async #tell(): Promise<void> {
    const told = this.#notices.flush().then(
      () => {
        this.#hasNotices = false;
      },
      (error: unknown) => {
        console.warn(`the index of keys could not be told, and will be again: ${error}`);
      },
    );
    let timer: ReturnType<typeof setTimeout> | null = null;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limits.indexWaitMs);
    });
    await Promise.race([told, late]);
    clearTimeout(timer);
  }

  async #tellIndex(changes: KeyChange[]): Promise<void> {
    const namespace = ownNamespace(this.ctx, this.env);
    const shares = Map.groupBy(changes, ({ name }) => shardOf(hashOf(name)));
    await Promise.all(
      [...shares].map(([shard, share]) => {
        const id = namespace.idFromName(indexName(shard));
        return namespace.get(id).updateIndex(share);
      }),
    );
  }
}

function resume(core: Parameters<Run>[0], nowMs: number, attachment: Attachment): Uint8Array {
  const { client, rules, setup, wait, deadlineMs } = attachment;
  if (rules.byteLength > 0) core.permit(client, rules);
  return core.resume(nowMs, client, setup, wait, deadlineMs);
}

/** The namespace an object belongs to, whatever the binding is called. */
function ownNamespace(ctx: DurableObjectState, env: object): DurableObjectNamespace<StreamObject> {
  for (const binding of Object.values(env) as Partial<DurableObjectNamespace<StreamObject>>[]) {
    if (typeof binding?.idFromString !== "function") continue;
    try {
      binding.idFromString(String(ctx.id));
      return binding as DurableObjectNamespace<StreamObject>;
    } catch {
      // It is another class's.
    }
  }
  throw new Error("the Worker has no binding of its own objects' class");
}
