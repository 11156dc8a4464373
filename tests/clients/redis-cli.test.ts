/** redis-cli, unmodified: what a person types, pipes and scripts. */

import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { conversations } from "./conversation.ts";
import type { Server } from "./servers.ts";

const PATIENCE_MS = 10_000;

/** A session as it is typed, with what goes wrong in one. */
const TYPED = `
XADD orders 1-1 item tea quantity 2
XADD orders 2-1 item "green tea" quantity "\\x31"
XADD orders 2-1 item again
xadd orders 3-1 'single quotes' "a\\ttab"
XLEN orders
XRANGE orders - + COUNT 2
XREVRANGE orders + -
XREAD COUNT 1 STREAMS orders 0
XGROUP CREATE orders billing 0
XGROUP CREATE orders billing 0
XREADGROUP GROUP billing ana COUNT 2 STREAMS orders >
XPENDING orders billing
XACK orders billing 1-1
XCLAIM orders billing ben 0 2-1 JUSTID
XAUTOCLAIM orders billing cho 0 0
XINFO GROUPS orders
XDEL orders 3-1
XTRIM orders MAXLEN 1
XSETID orders 9-9
XREAD BLOCK 10 STREAMS orders $
XADD
XADD orders
XGROUP FOO orders billing
FOO bar
MULTI
XADD orders 10-1 a 1
XLEN orders
EXEC
MULTI
XADD orders
EXEC
SET counter 1
INCR counter
XADD counter * a 1
EXPIRE orders 100
TTL orders
TYPE orders
SELECT 1
DBSIZE
SELECT 99
"unbalanced
PING "hello"
ECHO ""
DEL orders counter
`;

conversations("redis-cli", ({ same }) => {
  for (const flags of [["--no-raw"], ["-3", "--no-raw"], ["--csv"], ["-3", "--json"]]) {
    same(`a session with ${flags.join(" ")}`, async (server, tell) => {
      // One command a run: so each answer stands on its own.
      for (const line of TYPED.trim().split("\n"))
        await tell(line, cli(server, flags, `${line}\n`));
    });
  }

  same("a session in one go", async (server, tell) => {
    await tell("all of it", cli(server, ["--no-raw"], TYPED));
  });

  same("mass insertion", async (server, tell) => {
    const lines = Array.from({ length: 5000 }, (_, n) => `XADD mass ${n + 1}-1 number ${n}\r\n`);
    await tell("--pipe, inline", cli(server, ["--pipe"], lines.join("")));
    const words = (n: number) => ["XADD", "mass", `${n}-2`, "bytes", "\r\n*1\r\n"];
    const requests = Array.from({ length: 5000 }, (_, n) => request(words(n + 5000)));
    await tell("--pipe, RESP", cli(server, ["--pipe"], requests.join("")));
    await tell("XLEN", cli(server, ["XLEN", "mass"]));
    const wrong = [request(["XADD", "mass", "1-1", "a", "1"]), request(["XLEN", "mass"])];
    await tell("--pipe with an error", cli(server, ["--pipe"], wrong.join("")));
    await tell("the newest", cli(server, ["XREVRANGE", "mass", "+", "-", "COUNT", "1"]));
  });

  same("options", async (server, tell) => {
    await tell("-x", cli(server, ["-x", "XADD", "s", "1-1", "file"], "lines\nof a file\n"));
    await tell("-r", cli(server, ["-r", "3", "XADD", "s", "2-*", "a", "1"]));
    await tell("-n", cli(server, ["-n", "5", "XADD", "s", "1-1", "a", "1"]));
    await tell("-e", cli(server, ["-e", "XADD", "s", "1-1", "a", "1"]));
    await tell(
      "--quoted-input",
      cli(server, ["--quoted-input", "XADD", '"\\x00"', "1-1", "a", '"\\xff"']),
    );
    await tell("-u", cli(server, ["-u", `${server.url}/5`, "XLEN", "s"]));
    await tell("-a without a password", cli(server, ["-a", "secret", "--no-auth-warning", "PING"]));
  });

  same("scans", async (server, tell) => {
    const keys = Array.from({ length: 100 }, (_, n) => `XADD stream:${n} 1-1 a 1\n`);
    await cli(server, ["--pipe"], keys.join(""));
    await tell("--scan", sorted(cli(server, ["--scan"])));
    await tell("--scan --pattern", sorted(cli(server, ["--scan", "--pattern", "stream:1*"])));
    await cli(server, ["XADD", "stream:7", "2-1", "a", "1"]);
    const { output } = await cli(server, ["--bigkeys"]);
    await tell("--bigkeys", output.slice(output.indexOf("-- summary --")));
  });

  same("a subscriber", async (server, tell) => {
    const child = start(server, ["--no-raw", "SUBSCRIBE", "news"]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (count: number) => {
      const said: string[] = [];
      while (said.length < count) said.push(String((await lines.next()).value));
      return said;
    };
    try {
      // "Reading messages…" and the confirmation.
      await tell("subscribed", next(4));
      await tell("PUBLISH", cli(server, ["PUBLISH", "news", "it rains"]));
      await tell("heard", next(3));
    } finally {
      child.kill();
    }
  });

  same("a reader that waits", async (server, tell) => {
    const reads = cli(server, ["XREAD", "BLOCK", "0", "STREAMS", "s", "$"]);
    await server.untilBlocked(1);
    await tell("XADD", cli(server, ["XADD", "s", "1-1", "a", "1"]));
    await tell("XREAD", reads);
  });
});

interface Run {
  output: string;
  errors: string;
  code: number | null;
}

function start(server: Server, words: string[]) {
  const program = process.env.EDDYLINE_REDIS_CLI ?? "redis-cli";
  return spawn(program, ["-p", `${server.port}`, ...words], { timeout: PATIENCE_MS });
}

/** Runs it to its end; `input` is what it reads. */
async function cli(server: Server, words: string[], input = ""): Promise<Run> {
  const child = start(server, words);
  // One that takes its command from its words may end before it has read.
  child.stdin.on("error", () => {}).end(input);
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return { output, errors, code };
}

async function sorted(run: Promise<Run>): Promise<string[]> {
  return (await run).output.split("\n").toSorted();
}

function request(words: string[]): string {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${bulks.join("")}`;
}
