/** `eddyline bench`: how fast streams are at an address, measured in a few seconds. */

import { command, UsageError, wholeNumber } from "./command.ts";
import { addressOf } from "./wire/place.ts";

/** The command. */
export const bench = command({
  name: "bench",
  usage: "[ADDRESS] [options]",
  summary: "measures appends, reads by a group, acknowledgements and ranges at an address",
  help: `
ADDRESS is as for \`eddyline repl\`: memory:// (what happens without one), a folder, redis://host:port,
https://host. The stream it makes has a key of its own, and is deleted at the end.

  -n, --entries N      entries that are appended, read and acknowledged (100000)
  -c, --clients N      connections at once (10)
  -P, --pipeline N     requests that a connection sends before it waits for the replies (16)
  -d, --bytes N        bytes of each entry's value (64)
      --count N        entries that a read asks for, and IDs in an acknowledgement (100)
      --json           one object: the address, the settings, and for each kind of request how many
                       there were, entries in a second, and latencies in milliseconds

A latency is the time from the sending of a pipeline to the reply, for each of its requests. Client and
engine share this process unless the address is a server's. EDDYLINE_TOKEN is the token for https://…
`,
  options: {
    entries: { type: "string", short: "n" },
    clients: { type: "string", short: "c" },
    pipeline: { type: "string", short: "P" },
    bytes: { type: "string", short: "d" },
    count: { type: "string" },
    json: { type: "boolean" },
  },
  prepare: ({ values, words: [word, ...more], env }) => {
    if (more.length > 0) throw new UsageError("bench takes one address");
    const number = (name: "entries" | "clients" | "pipeline" | "bytes" | "count", usual: string) =>
      wholeNumber(name, values[name] ?? usual, 1, MOST[name]);
    const request = {
      address: addressOf(word),
      token: env.EDDYLINE_TOKEN || undefined,
      entries: number("entries", "100000"),
      clients: number("clients", "10"),
      pipeline: number("pipeline", "16"),
      bytes: number("bytes", "64"),
      count: number("count", "100"),
      json: values.json === true,
    };
    return async () => (await import("./bench/run.ts")).runBench(request);
  },
});

const MOST = {
  entries: 1_000_000_000,
  clients: 10_000,
  pipeline: 10_000,
  bytes: 1 << 20,
  count: 10_000,
} as const;
