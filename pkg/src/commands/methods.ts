/** The commands as methods of a class. */

import type { Value } from "./message.ts";
import { type Command, type Commands, table } from "./table.ts";

/** A class to extend by whoever gives its prototype the methods with {@link defineMethods}. */
export const CommandMethods = class {} as new <V extends Value>() => Commands<V>;

/** Gives a prototype a method for each command; `run` does what calling one shall do. */
export function defineMethods<T extends object>(
  prototype: T,
  run: (self: T, command: Command, args: readonly unknown[]) => unknown,
): void {
  for (const [name, command] of Object.entries(table)) {
    const value = function (this: T, ...args: readonly unknown[]): unknown {
      return run(this, command, args);
    };
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}
