/**
 * One life after the other of an object's core.
 *
 * Each call of the core is one transaction. When it throws, be it a trap or a failed statement,
 * the transaction is rolled back and the core dropped: the call has not happened, whoever called is
 * told to try again, and the next call meets a core restored from storage.
 */

import * as limits from "../limits.ts";
import { currentInstance, type Instance, retire } from "./instance.ts";
import { type KeyChange, type Outputs, readOutputs } from "./output.ts";
import { type Resident, Residents } from "./residents.ts";

export type Core = InstanceType<Instance["Core"]>;

/** A call of the core; gives a frame of outputs. */
export type Run = (core: Core, nowMs: number) => Uint8Array;

/** The engine was lost. What an object answers then. */
export class EngineLost extends Error {
  /** It was lost in going on with the clients that there are, and not by the call. */
  readonly isResuming: boolean;

  constructor(cause: unknown, isResuming: boolean) {
    super(`TRYAGAIN the stream's engine was lost and the command not run (${cause})`, { cause });
    this.isResuming = isResuming;
  }
}

/** What the objects of this isolate share; made when the first of them says how much it is. */
let residents: Residents | undefined;

/** Bytes of entries that the objects of this isolate have in memory. */
export function residentBytes(): number {
  return residents?.bytes ?? 0;
}

export class ObjectEngine implements Resident {
  readonly #ctx: DurableObjectState;
  readonly #residents: Residents;
  readonly #mostBytes: number;
  readonly #resume: () => Run[];
  #core: Core | undefined;
  #instance: Instance | undefined;
  #rowsWritten = 0;

  /**
   * @param bytes of entries in memory, of all objects of the isolate together
   * @param resume the calls with which a new core goes on with the clients that there are
   */
  constructor(ctx: DurableObjectState, bytes: string | undefined, resume: () => Run[]) {
    this.#ctx = ctx;
    this.#mostBytes = Number(bytes ?? limits.maxResidentBytes);
    residents ??= new Residents(this.#mostBytes);
    this.#residents = residents;
    this.#resume = resume;
  }

  /** Whether there is a core in memory. */
  get isOpen(): boolean {
    return this.#core !== undefined;
  }

  /**
   * Makes calls of the core, which is restored first if there is none; what all that came to, in
   * order.
   *
   * @param note writes down which keys came or went, in the same transaction
   * @throws EngineLost when nothing of it has happened
   */
  call(runs: readonly Run[], note: (keys: readonly KeyChange[]) => void): Outputs[] {
    const nowMs = Date.now();
    let isResuming = false;
    try {
      const all = this.#ctx.storage.transactionSync(() => {
        const all: Outputs[] = [];
        const go = (one: Run) => all.push(readOutputs(one(core, nowMs) as Uint8Array<ArrayBuffer>));
        const resumed = this.#core === undefined ? this.#resume() : [];
        this.#core ??= this.#restore();
        const core = this.#core;
        isResuming = true;
        for (const one of resumed) go(one);
        isResuming = false;
        for (const one of runs) go(one);
        const keys = all.flatMap((outputs) => outputs.keys);
        if (keys.length > 0) note(keys);
        return all;
      });
      this.#residents.called(this, all.at(-1)!.residentBytes, nowMs);
      return all;
    } catch (cause) {
      console.error(`the engine of object ${this.#ctx.id} was lost:`, cause);
      this.#discard(cause);
      throw new EngineLost(cause, isResuming);
    }
  }

  /** What is to be kept of a client's session. */
  resumption(client: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#core?.resumption(client) as Uint8Array<ArrayBuffer> | undefined;
  }

  /**
   * Rows that were written to the database since the object was made, but for those of a core that
   * was lost and was not asked before.
   */
  get rowsWritten(): number {
    this.#rowsWritten += this.#core?.takeRowsWritten() ?? 0;
    return this.#rowsWritten;
  }

  evictTo(bytes: number): number {
    try {
      return this.#core?.evictTo(bytes) ?? 0;
    } catch (cause) {
      // Its own next call will find it unusable, and make another one.
      console.error(`the engine of object ${this.#ctx.id} could not give up memory:`, cause);
      return 0;
    }
  }

  #restore(): Core {
    this.#instance = currentInstance();
    return new this.#instance.Core(
      this.#ctx,
      this.#mostBytes,
      limits.objectEntryBytes,
      limits.objectReplyBytes,
    );
  }

  #discard(cause: unknown): void {
    const core = this.#core;
    this.#core = undefined;
    this.#residents.gone(this);
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
}
