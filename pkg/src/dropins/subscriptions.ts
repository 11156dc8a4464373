/** What a connection is subscribed to, and whoever waits for that to be so. */

import type { Argv, ReplyValue } from "../resp.ts";
import type { Link } from "./link.ts";

export type Subscribing = "subscribe" | "psubscribe" | "unsubscribe" | "punsubscribe";

/** Takes a message of a channel; `pattern` is the one that fitted, for a pattern's subscriber. */
export type OnMessage = (channel: Buffer, message: Buffer, pattern: Buffer | undefined) => void;

interface Pending {
  readonly kind: Subscribing;
  /** Confirmations to come. */
  left: number;
  readonly resolve: (count: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** The subscriptions of one connection. */
export class Subscriptions {
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  readonly #onMessage: OnMessage;
  #pending: Pending[] = [];

  constructor(onMessage: OnMessage) {
    this.#onMessage = onMessage;
  }

  /** Whether there are any, or some are about to be. */
  get isActive(): boolean {
    return this.channels.size + this.patterns.size + this.#pending.length > 0;
  }

  /** Subscribes or unsubscribes; resolves to how many channels and patterns there are then. */
  change(link: Link, kind: Subscribing, names: Argv): Promise<number> {
    return new Promise((resolve, reject) => {
      if (names.length === 0 && !kind.includes("un"))
        throw new Error(`ERR wrong number of arguments for '${kind}' command`);
      link.tell([kind, ...names]);
      // Without names each is confirmed, or once that there were none.
      const left = names.length || Math.max(this.#countWith(kind), 1);
      this.#pending.push({ kind, left, resolve, reject });
    });
  }

  /** Takes what nobody asked for. */
  take(push: readonly ReplyValue<Uint8Array>[]): void {
    const [kind, first, second, third] = push;
    switch (textOf(kind)) {
      case "message":
        this.#onMessage(bufferOf(first), bufferOf(second), undefined);
        break;
      case "pmessage":
        this.#onMessage(bufferOf(second), bufferOf(third), bufferOf(first));
        break;
      default:
        this.#confirm(textOf(kind) as Subscribing, first, Number(second));
    }
  }

  /** The connection is gone. */
  end(reason: unknown): void {
    this.channels.clear();
    this.patterns.clear();
    for (const { reject } of this.#pending.splice(0)) reject(reason);
  }

  #confirm(kind: Subscribing, name: ReplyValue<Uint8Array> | undefined, count: number): void {
    const names = this.#namesOf(kind);
    if (name !== null && kind.includes("un")) names.delete(textOf(name));
    else if (name !== null) names.add(textOf(name));
    const next = this.#pending[0];
    if (next?.kind !== kind || --next.left > 0) return;
    this.#pending.shift();
    next.resolve(count);
  }

  /** How many names there will be when what is on its way has been confirmed. */
  #countWith(kind: Subscribing): number {
    const opposite = kind.replace("un", "");
    const coming = this.#pending.filter((pending) => pending.kind === opposite);
    return coming.reduce((sum, { left }) => sum + left, this.#namesOf(kind).size);
  }

  #namesOf(kind: Subscribing): Set<string> {
    return kind.startsWith("p") ? this.patterns : this.channels;
  }
}

function bufferOf(value: ReplyValue<Uint8Array> | undefined): Buffer {
  return Buffer.from(value as Uint8Array);
}

function textOf(value: ReplyValue<Uint8Array> | undefined): string {
  return value instanceof Uint8Array ? bufferOf(value).toString() : String(value);
}
