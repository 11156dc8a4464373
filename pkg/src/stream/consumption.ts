/** The messages of a group as something to iterate over. */

import type { GroupMessage } from "./lease.ts";
import type { Messages } from "./messages.ts";
import { LoadedSteps } from "./steps.ts";

/**
 * The messages of a group as they come, for one consumer. Made by {@link Group.consume}.
 *
 * With a concurrency of 1 a message must be settled before the next is asked for; with more the
 * next one waits until fewer are in flight. When the loop is left, or the block of `await using`, the
 * message it was at is given back, and the consumption ends as {@link close} has it.
 */
export class Consumption<T> extends LoadedSteps<GroupMessage<T>, Messages<T>> {
  /**
   * Ends the consumption in good order: nothing new is taken, what was read ahead is given back,
   * what is in flight has the time of `drain`, and all that was settled is told to the engine.
   *
   * @throws the reason, when the consumption failed
   */
  async close(): Promise<void> {
    await (await this.end())?.close();
  }

  /** Resolves when all that was settled until now is told to the engine. */
  async flush(): Promise<void> {
    await (await this.begun())?.flush();
  }
}
