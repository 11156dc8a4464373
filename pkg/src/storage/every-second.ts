/** `appendfsync everysec`: what was written reaches the disk once a second, off this thread. */

import { closeSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";
import { StorageError } from "../errors.ts";
import * as limits from "../limits.ts";

const sync = promisify(fdatasync);

/** Flushes one file to the disk, at most a second after it was written. */
export class EverySecond {
  readonly #file: number;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #failure: StorageError | undefined;

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  /**
   * The file was written.
   *
   * @throws StorageError when the last flush failed: what it was to flush may be lost
   */
  wrote(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#flush(), limits.fsyncMs);
    // The operating system has it all: a process that ends loses nothing.
    this.#timer.unref();
  }

  /** Flushes what was written, and stops. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    this.#flush();
    await this.close();
  }

  /** Stops. Whoever closes the file's database flushes what is left. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flushing;
    closeSync(this.#file);
  }

  #flush(): void {
    this.#timer = undefined;
    this.#flushing = sync(this.#file).catch((cause: unknown) => {
      this.#failure ??= new StorageError("the disk did not take what was written", { cause });
    });
  }
}
