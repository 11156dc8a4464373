/**
 * The Durable Object of one key, or of all keys with the same `{hash tag}`.
 *
 * It hands the platform's events to the core in Rust, and what the core gives back to whoever
 * waits for it. Replies need no gate here: the platform holds every response back until what was
 * written before it is durable.
 *
 * Each call of the core is one transaction. When it throws, be it a trap or a failed statement,
 * the transaction is rolled back and the core dropped: the call has not happened, whoever waited
 * is told to try again, and the next request meets a core restored from storage.
 */

import { DurableObject } from "cloudflare:workers";
import { limits } from "../limits.ts";
import { currentInstance, type Instance, retire } from "./instance.ts";
import { readOutputs } from "./output.ts";
import { Session } from "./session.ts";

type Core = InstanceType<Instance["Core"]>;

/** The engine was lost. What an object answers then. */
class EngineLost extends Error {
  constructor(what: string, cause: unknown) {
    super(`TRYAGAIN the stream's engine was lost ${what} (${cause})`, { cause });
  }
}

export class StreamObject extends DurableObject {
  #core: Core | undefined;
  #instance: Instance | undefined;
  readonly #sessions = new Map<number, Session>();
  #lastClient = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Runs the RESP requests in the body as one session; answers with their replies. */
  override async fetch(request: Request): Promise<Response> {
    const requests = new Uint8Array(await request.arrayBuffer());
    try {
      return new Response(await this.#serve(requests, request.signal));
    } catch (error) {
      if (!(error instanceof EngineLost)) throw error;
      return new Response(error.message, { status: 503 });
    }
  }

  async #serve(requests: Uint8Array, signal: AbortSignal): Promise<Blob> {
    const client = ++this.#lastClient;
    const session = new Session();
    this.#sessions.set(client, session);
    try {
      this.#call((core, nowMs) => core.turn(nowMs, client, requests));
      if (session.isParked) await this.#wait(client, session, signal);
      return session.replies();
    } finally {
      this.#sessions.delete(client);
      if (this.#core !== undefined) {
        this.#callAside((core, nowMs) => core.disconnect(nowMs, client));
      }
    }
  }

  /** Waits until no reply is owed, for as long as a request may wait and its sender does. */
  async #wait(client: number, session: Session, signal: AbortSignal): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const end = () => ended.resolve();
    const timer = setTimeout(end, limits.httpWaitMs);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    try {
      await Promise.race([session.settled, ended.promise]);
      // Each cancelled read may be followed by another one of the same pipeline.
      while (session.isParked && !signal.aborted) {
        this.#call((core, nowMs) => core.cancel(nowMs, client));
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }

  #call(run: (core: Core, nowMs: number) => Uint8Array): void {
    try {
      const frame = this.ctx.storage.transactionSync(() => {
        this.#core ??= this.#restore();
        return run(this.#core, Date.now());
      });
      const { deadlineMs, outputs } = readOutputs(frame as Uint8Array<ArrayBuffer>);
      for (const output of outputs) this.#sessions.get(output.client)?.add(output);
      this.#setTimer(deadlineMs);
    } catch (cause) {
      throw this.#lose(cause);
    }
  }

  /** A call on nobody's behalf: that the engine was lost is logged, and told to those who wait. */
  #callAside(run: (core: Core, nowMs: number) => Uint8Array): void {
    try {
      this.#call(run);
    } catch (error) {
      if (!(error instanceof EngineLost)) throw error;
    }
  }

  #restore(): Core {
    this.#instance = currentInstance();
    return new this.#instance.Core(this.ctx);
  }

  /** Drops the core and tells everybody who waits for it. */
  #lose(cause: unknown): EngineLost {
    console.error(`the engine of object ${this.ctx.id} was lost:`, cause);
    this.#discard(cause);
    this.#setTimer(undefined);
    const waiting = new EngineLost(
      "while this waited, and what came before the wait was run",
      cause,
    );
    for (const session of this.#sessions.values()) session.fail(waiting);
    return new EngineLost("and the command not run", cause);
  }

  #discard(cause: unknown): void {
    const core = this.#core;
    this.#core = undefined;
    if (!(cause instanceof WebAssembly.RuntimeError)) {
      try {
        core?.free();
        return;
      } catch {
        // It is still borrowed: something else than a trap broke off a call in the middle.
      }
    }
    if (this.#instance !== undefined) retire(this.#instance);
  }

  #setTimer(deadlineMs: number | undefined): void {
    clearTimeout(this.#timer);
    if (deadlineMs === undefined) return;
    const delayMs = Math.min(Math.max(deadlineMs - Date.now(), 0), limits.timerMs);
    this.#timer = setTimeout(() => {
      this.#callAside((core, nowMs) => core.tick(nowMs));
    }, delayMs);
  }
}
