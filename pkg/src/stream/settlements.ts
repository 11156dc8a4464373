/** What a consumer has to say of its messages, on its way to the engine in batches. */

import * as limits from "../limits.ts";
import type { GroupCommands, ReleaseMode } from "./group-commands.ts";
import { persist } from "./persist.ts";

/** Acknowledges and gives back, many at a time. */
export class Settlements {
  readonly #commands: GroupCommands<unknown>;
  readonly #signal: AbortSignal;
  readonly #onFailure: (reason: unknown) => void;
  #acks: string[] = [];
  #releases: Record<ReleaseMode, string[]> = { SILENT: [], FAIL: [] };
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #underWay = new Set<Promise<void>>();

  /**
   * @param signal ends the attempts where the engine cannot be reached
   * @param onFailure hears why something could not be said
   */
  constructor(
    commands: GroupCommands<unknown>,
    signal: AbortSignal,
    onFailure: (reason: unknown) => void,
  ) {
    this.#commands = commands;
    this.#signal = signal;
    this.#onFailure = onFailure;
  }

  /** It is finished. */
  ack(id: string): void {
    this.#acks.push(id);
    this.#soon(this.#acks);
  }

  /** It is given back. */
  release(mode: ReleaseMode, id: string): void {
    this.#releases[mode].push(id);
    this.#soon(this.#releases[mode]);
  }

  /** Says now what there is to say. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [acks, { SILENT, FAIL }] = [this.#acks, this.#releases];
    this.#acks = [];
    this.#releases = { SILENT: [], FAIL: [] };
    if (acks.length > 0) this.persist(() => this.#commands.ack(acks));
    if (FAIL.length > 0) this.persist(() => this.#commands.release("FAIL", FAIL));
    if (SILENT.length > 0) this.persist(() => this.#commands.release("SILENT", SILENT));
  }

  /** Has something done that {@link finish} waits for; resolves in any case. */
  persist(call: () => Promise<unknown>): Promise<void> {
    const done: Promise<void> = persist(call, this.#signal)
      .catch(this.#onFailure)
      .then(() => void this.#underWay.delete(done));
    this.#underWay.add(done);
    return done;
  }

  /** Until everything was said. */
  async finish(): Promise<void> {
    this.flush();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #soon(ids: readonly string[]): void {
    if (ids.length >= limits.settleEntries) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), limits.settleMs);
  }
}
