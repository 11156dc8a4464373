/** `eddyline token`: a token for HTTP that allows less than the secret. */

import process from "node:process";
import { createToken, type TokenOptions } from "../http/tokens.ts";
import { command, UsageError } from "./command.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The command. */
export const token = command({
  name: "token",
  usage: "[options]",
  summary: "a token for HTTP that allows less than the secret in EDDYLINE_TOKEN, which signs it",
  help: `
  --read-only          only what changes nothing
  --prefix TEXT        only keys and channels that begin so; may be said several times
  --commands LIST      only these commands and categories: xadd,xreadgroup,xack,@read
  --expires TIME       no longer than this from now on: 90s, 30m, 12h, 7d
`,
  options: {
    "read-only": { type: "boolean" },
    prefix: { type: "string", multiple: true },
    commands: { type: "string" },
    expires: { type: "string" },
  },
  prepare: ({ values, words, env }) => {
    if (words.length > 0) throw new UsageError(`token takes no "${words.join(" ")}"`);
    const secret = env.EDDYLINE_TOKEN;
    if (!secret)
      throw new UsageError("a token is signed with the secret in EDDYLINE_TOKEN, which is not set");
    const { prefix, commands, expires } = values;
    const options: TokenOptions = {
      readOnly: values["read-only"],
      prefixes: prefix,
      commands: commands?.split(","),
      expiresAtMs: expires === undefined ? undefined : Date.now() + durationMs(expires),
    };
    return async () => {
      const made = await createToken(secret, options).catch((error: unknown) => {
        throw error instanceof TypeError ? new UsageError(`--commands: ${error.message}`) : error;
      });
      process.stdout.write(`${made}\n`);
      return 0;
    };
  },
});

function durationMs(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new UsageError(`--expires takes a time such as 90s, 30m, 12h or 7d, not "${text}"`);
  return Number(count) * (UNITS_MS[unit] as number);
}
