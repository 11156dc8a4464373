/** Who listens to which channel or pattern of a client, for texts or for `Buffer`s. */

/** Takes a message and the channel that it came over. */
export type Listener = (message: string | Buffer, channel: string | Buffer) => unknown;

interface Listening {
  readonly listener: Listener;
  readonly isBuffer: boolean;
}

/** Listeners by channel, or by pattern. */
export class Listeners {
  readonly #all = new Map<string, Listening[]>();

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Adds a listener to each; those that had none before. */
  add(names: readonly string[], listener: Listener, isBuffer: boolean): string[] {
    const fresh = names.filter((name) => !this.#all.has(name));
    for (const name of names) {
      const listening = this.#all.get(name) ?? [];
      this.#all.set(name, [...listening, { listener, isBuffer }]);
    }
    return fresh;
  }

  /** Removes a listener of each, or all of them; those that have none any more. */
  remove(names: readonly string[], listener: Listener | undefined, isBuffer: boolean): string[] {
    return names.filter((name) => {
      const kept = (this.#all.get(name) ?? []).filter(
        (one) =>
          listener !== undefined && !(one.listener === listener && one.isBuffer === isBuffer),
      );
      if (kept.length > 0) this.#all.set(name, kept);
      else this.#all.delete(name);
      return kept.length === 0;
    });
  }

  /** All that are listened to. */
  names(): string[] {
    return [...this.#all.keys()];
  }

  tell(name: string, channel: Buffer, message: Buffer): void {
    for (const { listener, isBuffer } of this.#all.get(name) ?? []) {
      if (isBuffer) listener(message, channel);
      else listener(message.toString(), channel.toString());
    }
  }

  clear(): void {
    this.#all.clear();
  }
}
