/** What was typed before, in a file that only its owner can read. */

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const MOST_LINES = 1000;
/** Lines in which a password may be. */
const SECRET = /^\s*(auth|hello\b.*\bauth|config\s+set\b.*\brequirepass|acl\s+setuser|migrate)\b/i;

/** The history of a person. */
export class History {
  readonly #file: string;
  readonly #lines: string[];

  constructor(file: string | undefined) {
    this.#file = file || join(homedir(), ".eddyline_history");
    this.#lines = readLines(this.#file);
    if (this.#lines.length > 2 * MOST_LINES) this.#shorten();
  }

  /** How many lines are offered. */
  get size(): number {
    return MOST_LINES;
  }

  /** The latest first. */
  lines(): string[] {
    return this.#lines.slice(-MOST_LINES).reverse();
  }

  /** Keeps a line. Who may not write there has a history of this session alone. */
  add(line: string): void {
    if (line.trim() === "" || SECRET.test(line) || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    quietly(() => appendFileSync(this.#file, `${line}\n`, { mode: 0o600 }));
  }

  #shorten(): void {
    const lines = this.#lines.splice(0, this.#lines.length - MOST_LINES);
    if (lines.length === 0) return;
    quietly(() => writeFileSync(this.#file, `${this.#lines.join("\n")}\n`, { mode: 0o600 }));
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    // There is none yet.
    return [];
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // It is offered until the end of this session.
  }
}
