/** An iteration whose steps come from what is loaded when the first is asked for. */

/** Steps that are not there yet. */
export abstract class LoadedSteps<T, S extends AsyncIterator<T, undefined>>
  implements AsyncIterableIterator<T, undefined>, AsyncDisposable
{
  readonly #load: () => Promise<S>;
  #loading: Promise<S> | undefined;
  #steps: S | undefined;
  /** It was left before it began. */
  #isOver = false;

  constructor(load: () => Promise<S>) {
    this.#load = load;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#steps !== undefined) return this.#steps.next();
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    this.#loading ??= this.#begin();
    return this.#loading.then((steps) => steps.next());
  }

  /** Ends the iteration, also while a step waits. */
  async return(): Promise<IteratorResult<T, undefined>> {
    await (await this.end())?.return?.();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The steps, if any was asked for. */
  protected async begun(): Promise<S | undefined> {
    return this.#steps ?? (await this.#loading);
  }

  /** The same, and none will begin any more. */
  protected end(): Promise<S | undefined> {
    this.#isOver = true;
    return this.begun();
  }

  async #begin(): Promise<S> {
    try {
      this.#steps = await this.#load();
      return this.#steps;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }
}
