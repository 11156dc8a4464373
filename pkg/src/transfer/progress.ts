/** What a person is shown of something that takes long. */

import process from "node:process";

/** How often the line is written anew. */
const EVERY_MS = 100;

/** A line on a terminal, or nothing where there is none. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  #last = 0;
  #isShown = false;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
  }

  /** Shows how far it is, unless that was shown just now. */
  show(text: () => string): void {
    const now = performance.now();
    if (!this.#out.isTTY || (this.#isShown && now - this.#last < EVERY_MS)) return;
    this.#last = now;
    this.#isShown = true;
    this.#out.write(`\r\x1b[2K${text().slice(0, Math.max(this.#out.columns - 1, 20))}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) this.#out.write("\r\x1b[2K");
    this.#isShown = false;
  }
}

/** A bar of so many parts in a hundred. */
export function bar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * 20);
  return `[${"#".repeat(full)}${".".repeat(20 - full)}]`;
}

/** Bytes as people say them. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit + 1 < units.length; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
