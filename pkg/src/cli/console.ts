/** `eddyline console`: the page on which one looks at streams. */

import { randomBytes } from "node:crypto";
import { command, MAX_PORT, UsageError, wholeNumber } from "./command.ts";
import { addressOf } from "./wire/place.ts";

/** A port of its own: what a browser keeps for the page stays with its address. */
const DEFAULT_PORT = "8379";

/** The command. */
export const consoleCommand = command({
  name: "console",
  usage: "[FOLDER | memory:// | https://HOST] [--port PORT] [--open]",
  summary: "a page for looking at streams: entries as they come, groups, what is pending",
  help: `
Serves the page, to this machine alone, and prints its address, in which is the token that lets the
page in. The streams are those of a folder that no server has open; of nobody, in memory, which is what
happens without a word; or of a server, with which the page speaks itself.

  --port PORT          the port (${DEFAULT_PORT}); 0 takes a free one
  --open               open the page in the browser, too

EDDYLINE_TOKEN    the token: of a server the one it knows, otherwise one of your own instead of a
                  random one

SIGINT and SIGTERM end it.
`,
  options: { port: { type: "string" }, open: { type: "boolean" } },
  prepare: ({ values: { port, open }, words: [word, ...more], env }) => {
    if (more.length > 0) throw new UsageError(`console takes one folder or address`);
    const address = addressOf(word);
    if (/^rediss?:/i.test(address))
      throw new UsageError("the page speaks no RESP: give it https://… of `eddyline serve --http`");
    const request = {
      address,
      port: wholeNumber("port", port ?? DEFAULT_PORT, 0, MAX_PORT),
      token: env.EDDYLINE_TOKEN || undefined,
      opensPage: open === true,
      randomToken: () => randomBytes(24).toString("base64url"),
    };
    return async () => (await import("./console/run.ts")).runConsole(request);
  },
});
