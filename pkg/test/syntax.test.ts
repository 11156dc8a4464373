/** The grammar that is shown to whoever types: it names the engine's commands, and no others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Eddyline } from "../src/entry/node.ts";
import { commandNames, hintOf, leastWords, syntaxOf, wordsThatFit } from "../src/syntax.ts";

type Info = [name: string, arity: number, ...rest: unknown[]];

test("every command and subcommand has a line, with as few words as the engine takes", async () => {
  await using db = await Eddyline.open("memory://");
  const commands = (await db.sendCommand(["COMMAND"])) as Info[];
  const arities = new Map<string, number>();
  for (const [name, arity, ...rest] of commands) {
    const subcommands = rest.at(-1) as Info[];
    if (subcommands.length === 0 || name === "command") arities.set(name.toUpperCase(), arity);
    for (const [full, own] of subcommands) arities.set(full.replace("|", " ").toUpperCase(), own);
  }
  assert.deepEqual(commandNames().sort(), [...arities.keys()].sort());
  for (const [name, arity] of arities) {
    assert.equal(leastWords(name), Math.abs(arity), `${name} ${syntaxOf(name)}`);
    // Nothing may follow what takes a fixed number.
    if (arity > 0) assert.doesNotMatch(syntaxOf(name) ?? "", /\[/, name);
  }
});

test("what is still to be typed is shown behind what was", () => {
  const hints: [line: string, hint: string][] = [
    ["", ""],
    ["nothing ", ""],
    ["xlen", " key"],
    ["XLEN ", "key"],
    ["xlen k", ""],
    ["xadd k * ", "field value [field value ...]"],
    ["xadd k * f ", "value [field value ...]"],
    ["xadd k * f v", " [field value ...]"],
    ["xgroup create s g $ mkstream ", "[ENTRIESREAD entries-read]"],
    ["set k v ex ", "seconds [NX | XX] [GET]"],
    [
      "set k v get ",
      "[NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
    ],
    ["xpending s g - ", "end count [consumer]"],
    ["xpending s g idle 5 ", "start end count [consumer]"],
    ["xtrim s maxlen ", "[= | ~] threshold [LIMIT count]"],
    ["xtrim s maxlen ~ 5 ", "[LIMIT count]"],
    ["xread count 5 ", "[BLOCK milliseconds] STREAMS key [key ...] id [id ...]"],
  ];
  for (const [line, hint] of hints) assert.equal(hintOf(line), hint, line);
});

test("words are completed where the grammar has some", () => {
  assert.deepEqual(wordsThatFit("xreadg"), ["xreadgroup"]);
  assert.deepEqual(wordsThatFit("XGROUP CR"), ["CREATE", "CREATECONSUMER"]);
  assert.deepEqual(wordsThatFit("xtrim s m"), ["maxlen", "minid"]);
  assert.deepEqual(wordsThatFit("get k"), []);
  assert.deepEqual(wordsThatFit("xgroup create s g $ "), ["MKSTREAM", "ENTRIESREAD"]);
});
