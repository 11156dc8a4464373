/** The one back end that the console talks to, and how it is doing. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { problemOf } from "../base/format.ts";
import { isInTab, kindOf, overHttp } from "./address.ts";
import type { Keeping } from "./keeping.ts";

/** A back end, being opened, open, or not. */
export type ConnectionState =
  | { readonly state: "none" }
  | { readonly state: "opening"; readonly address: string }
  | { readonly state: "open"; readonly address: string; readonly db: Eddyline }
  /** The server wants a token; `problem` says what was wrong with the last one. */
  | { readonly state: "locked"; readonly address: string; readonly problem: string | null }
  | { readonly state: "failed"; readonly address: string; readonly problem: string };

/** What is known of a back end that is open: whether it answers, and if not since when. */
export type Health =
  | { readonly answers: true }
  | { readonly answers: false; readonly sinceMs: number; readonly problem: string };

/** A token as it was given. */
export interface GivenToken {
  readonly token: string;
  /** Whether it is to outlive the tab. */
  readonly remember: boolean;
}

const WELL: Health = { answers: true };

/** Opens one back end at a time. */
export class Connection {
  readonly #state = signal<ConnectionState>({ state: "none" });
  readonly #health = signal<Health>(WELL);
  /** The engine in memory outlives a look elsewhere: its streams are nowhere else. */
  #memory: Promise<Eddyline> | null = null;
  /** Tells the present attempt from those before it. */
  #attempt = 0;

  /** What is kept of addresses and tokens. */
  readonly keeping: Keeping;
  /** The back end. */
  readonly state: ReadonlySignal<ConnectionState> = this.#state;
  /** How the open back end is doing. */
  readonly health: ReadonlySignal<Health> = this.#health;
  /** The client of the open back end. */
  readonly db: ReadonlySignal<Eddyline | null> = computed(() => {
    const now = this.#state.value;
    return now.state === "open" ? now.db : null;
  });
  /** The address that is open, or about to be. */
  readonly address: ReadonlySignal<string | null> = computed(() => {
    const now = this.#state.value;
    return now.state === "none" ? null : now.address;
  });

  constructor(keeping: Keeping) {
    this.keeping = keeping;
  }

  /** Leaves the present back end and opens `address`. Problems become the state. */
  async open(address: string, given?: GivenToken): Promise<void> {
    const attempt = this.#begin({ state: "opening", address });
    this.keeping.keepPresentAddress(address);
    if (given !== undefined) this.keeping.keepToken(address, given.token, false);
    const token = this.keeping.tokenFor(address);
    const next = await this.#connect(address, token);
    if (attempt !== this.#attempt) {
      if (next.state === "open") await this.#leave(next);
      return;
    }
    if (next.state === "open") this.keeping.keepRecent(address);
    // Only a token that opens something is worth being remembered.
    if (next.state === "open" && given?.remember === true)
      this.keeping.keepToken(address, given.token, true);
    if (next.state === "locked") this.keeping.forgetToken(address);
    this.#state.value = next;
  }

  /** Leaves the present back end. */
  close(): void {
    this.#begin({ state: "none" });
    this.keeping.keepPresentAddress(null);
  }

  /** The back end has answered. */
  noteAnswer(): void {
    this.#health.value = WELL;
  }

  /** The back end has not answered; what is asked next finds out whether it does again. */
  noteSilence(error: unknown): void {
    const before = this.#health.value;
    const sinceMs = before.answers ? Date.now() : before.sinceMs;
    this.#health.value = { answers: false, sinceMs, problem: problemOf(error) };
  }

  #begin(next: ConnectionState): number {
    const left = this.#state.value;
    this.#attempt++;
    this.#health.value = WELL;
    this.#state.value = next;
    if (left.state === "open") void this.#leave(left);
    return this.#attempt;
  }

  async #leave({ address, db }: { address: string; db: Eddyline }): Promise<void> {
    if (kindOf(address) !== "memory") await db.close();
  }

  async #connect(address: string, token: string | null): Promise<ConnectionState> {
    try {
      if (!isInTab(address)) return await this.#connectServer(address, token);
      return { state: "open", address, db: await this.#openEngine(address) };
    } catch (error) {
      return { state: "failed", address, problem: problemOf(error) };
    }
  }

  async #openEngine(address: string): Promise<Eddyline> {
    const { Eddyline } = await import("eddyline");
    if (kindOf(address) !== "memory") return Eddyline.open(address);
    this.#memory ??= Eddyline.open(address);
    try {
      return await this.#memory;
    } catch (error) {
      this.#memory = null;
      throw error;
    }
  }

  async #connectServer(address: string, token: string | null): Promise<ConnectionState> {
    if (token === null) return { state: "locked", address, problem: null };
    const { Eddyline, TransportError, CommandError } = await import("eddyline");
    // A browser does not say why a WebSocket was refused; a request's status does.
    await using door = await Eddyline.open(overHttp(address), { token });
    try {
      await door.ping();
    } catch (error) {
      if (error instanceof TransportError && error.status === 401)
        return { state: "locked", address, problem: error.message };
      // Who may not PING was let in all the same.
      if (!(error instanceof CommandError)) throw error;
    }
    return { state: "open", address, db: await Eddyline.open(address, { token }) };
  }
}
