/** The commands as methods: variadic, in lower case, with a callback or not, and for `Buffer`s. */

import { EventEmitter } from "node:events";
import { type Callback, Command } from "./command.ts";
import { names } from "./names.ts";

/** Options that concern commands. */
export interface CommanderOptions {
  readonly keyPrefix: string;
  readonly replyMapping?: unknown;
}

/** Whatever takes commands: a client sends them, a pipeline collects them. */
export abstract class Commander extends EventEmitter {
  abstract readonly options: CommanderOptions;

  /** Takes a command; returns what the method of that name does. */
  abstract sendCommand(command: Command): unknown;

  /** Sends any command: its name, then its arguments. */
  call(name: string, ...args: unknown[]): unknown {
    return this.sendCommand(commandOf(this, name, args, "utf8"));
  }

  /** Like {@link call}, with `Buffer`s in the reply. */
  callBuffer(name: string, ...args: unknown[]): unknown {
    return this.sendCommand(commandOf(this, name, args, null));
  }

  /** The older name of {@link call}. */
  send_command(name: string, ...args: unknown[]): unknown {
    return this.call(name, ...args);
  }

  getBuiltinCommands(): string[] {
    return [...names];
  }

  /** Takes a script, which the engine refuses when it is called. */
  defineCommand(name: string, { lua, numberOfKeys }: { lua: string; numberOfKeys?: number }): void {
    const keys = numberOfKeys === undefined ? [] : [numberOfKeys];
    const method = function (this: Commander, ...args: unknown[]): unknown {
      return this.call("eval", lua, ...keys, ...args);
    };
    Object.assign(this, { [name]: method, [`${name}Buffer`]: method });
  }
}

function commandOf(
  { options }: Commander,
  name: string,
  args: unknown[],
  replyEncoding: "utf8" | null,
): Command {
  const last = args.at(-1);
  const callback = typeof last === "function" ? (args.pop() as Callback) : undefined;
  const { keyPrefix, replyMapping } = options;
  const isMapped = replyMapping === "resp3";
  return new Command(name, args, { replyEncoding, keyPrefix, isMapped }, callback);
}

for (const name of names) {
  define(name, name, "utf8");
  define(`${name}Buffer`, name, null);
}

function define(method: string, name: string, encoding: "utf8" | null): void {
  const value = function (this: Commander, ...args: unknown[]): unknown {
    return this.sendCommand(commandOf(this, name, args, encoding));
  };
  Object.defineProperty(Commander.prototype, method, {
    value,
    configurable: true,
    writable: true,
  });
}
