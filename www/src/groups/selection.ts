/** What of a list was picked to do something with. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** IDs that were picked. */
export class Selection {
  readonly #ids = signal<ReadonlySet<string>>(new Set());

  /** The picked ones. */
  readonly ids: ReadonlySignal<ReadonlySet<string>> = this.#ids;

  /** Picks one, or lets it go. */
  toggle(id: string): void {
    const next = new Set(this.#ids.value);
    if (!next.delete(id)) next.add(id);
    this.#ids.value = next;
  }

  /** Picks exactly these. */
  pick(ids: Iterable<string>): void {
    this.#ids.value = new Set(ids);
  }

  /** Lets go what is not in the list any more. */
  keepOnly(listed: ReadonlySet<string>): void {
    const kept = [...this.#ids.value].filter((id) => listed.has(id));
    if (kept.length < this.#ids.value.size) this.#ids.value = new Set(kept);
  }
}
