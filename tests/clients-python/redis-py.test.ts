/** redis-py, unmodified: sync and asyncio, RESP2 and RESP3, texts and bytes. */

import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { conversations, type Talk } from "../clients/conversation.ts";

const PROGRAM = fileURLToPath(new URL("conversations.py", import.meta.url));
const PATIENCE_MS = 50_000;

const SAME = [
  "appends",
  "ranges",
  "reads",
  "groups",
  "pending",
  "transactions",
  "pubsub",
  "around",
];
/** As Python shows them. */
const NEWER = {
  "xadd idmp twice is one id": "True",
  "xadd idmpauto twice is one id": "True",
  xlen: "2",
  xcfgset: "'OK'",
  "xnack fail": "2",
  "xnack silent": "1",
  "xnack force": "1",
  xpending_range:
    "[['1-1', '', -1, 1], ['2-1', '', -1, 1], ['3-1', '', -1, 0], ['5-1', '', -1, 9]]",
  "xreadgroup claim": "[('1-1', {'n': '1', 'word': 'w1'}), ('2-1', {'n': '2', 'word': 'w2'})]",
  "xread max_count": "[2, 1]",
  "xread max_size": "[1, 0]",
};

/** Every two of what varies meet once. */
const VARIANTS = [
  { flavour: "sync", protocol: 2, decode: true },
  { flavour: "sync", protocol: 3, decode: false },
  { flavour: "asyncio", protocol: 2, decode: false },
  { flavour: "asyncio", protocol: 3, decode: true },
];

for (const { flavour, protocol, decode } of VARIANTS) {
  const options = { protocol, decode_responses: decode };
  const title = `redis-py ${flavour}, RESP${protocol}, ${decode ? "texts" : "bytes"}`;
  conversations(title, ({ same, newer }) => {
    const inPython = program(flavour, options, SAME);
    for (const name of SAME) same(name, inPython(name));
    const alone = program(flavour, options, ["newer"]);
    if (decode) newer("what Redis 8.4 to 8.10 added", NEWER, alone("newer"));
  });
}

type Line = [conversation: string, what: string, answer: string];

/** One run of Python holds all conversations of a server: it takes longer to start than to talk. */
function program(flavour: string, options: object, names: string[]): (name: string) => Talk {
  const runs = new Map<string, Promise<Line[]>>();
  const run = async (url: string): Promise<Line[]> => {
    const python = process.env.EDDYLINE_PYTHON ?? "python3";
    const words = [PROGRAM, url, flavour, JSON.stringify(options), ...names];
    const { stdout } = await promisify(execFile)(python, words, { timeout: PATIENCE_MS });
    return stdout
      .trimEnd()
      .split("\n")
      .map((line): Line => JSON.parse(line));
  };
  return (name) =>
    async ({ url }, tell) => {
      if (!runs.has(url)) runs.set(url, run(url));
      const lines = (await runs.get(url)) ?? [];
      for (const [conversation, what, answer] of lines) {
        if (conversation === name) await tell(what, answer);
      }
    };
}
