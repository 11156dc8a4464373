/** Light or dark, as the system has it or as the user wants it. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** What one may choose. */
export const SCHEMES = ["system", "light", "dark"] as const;

/** One of them. */
export type Scheme = (typeof SCHEMES)[number];

const ITEM = "eddyline.scheme";

/** The choice, kept in the browser. */
export class Appearance {
  readonly #scheme = signal<Scheme>(kept());

  /** What was chosen. */
  readonly scheme: ReadonlySignal<Scheme> = this.#scheme;

  /** Chooses. */
  choose(scheme: Scheme): void {
    this.#scheme.value = scheme;
    if (scheme === "system") localStorage.removeItem(ITEM);
    else localStorage.setItem(ITEM, scheme);
  }
}

function kept(): Scheme {
  const item = localStorage.getItem(ITEM);
  return SCHEMES.find((scheme) => scheme === item) ?? "system";
}
