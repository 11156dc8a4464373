/** Light or dark, as the system has it or as the user wants it. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** What one may choose. */
export const SCHEMES = ["system", "light", "dark"] as const;

/** One of them. */
export type Scheme = (typeof SCHEMES)[number];

const ITEM = "eddyline.scheme";

/** Where the choice is kept. */
type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The choice. */
export class Appearance {
  readonly #shelf: Shelf;
  readonly #scheme = signal<Scheme>("system");

  /** What was chosen. */
  readonly scheme: ReadonlySignal<Scheme> = this.#scheme;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    const item = shelf.getItem(ITEM);
    this.#scheme.value = SCHEMES.find((scheme) => scheme === item) ?? "system";
  }

  /** Chooses. */
  choose(scheme: Scheme): void {
    this.#scheme.value = scheme;
    if (scheme === "system") this.#shelf.removeItem(ITEM);
    else this.#shelf.setItem(ITEM, scheme);
  }
}
