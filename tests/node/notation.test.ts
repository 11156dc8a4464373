/** The reader of scenarios itself: what it takes, and what it refuses. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseScenarios } from "../cases/notation.ts";
import { decodeReply, isExpected, show, toBytes } from "../cases/reply.ts";

/** The value that a command of an otherwise empty scenario expects. */
function expectedOf(text: string) {
  const [scenario] = parseScenarios(`== a\n> X\n${text}`);
  const step = scenario?.steps[0];
  assert.ok(step?.kind === "command" && step.expect !== "parked");
  return step.expect;
}

const comes = (bytes: string) => decodeReply(toBytes(bytes));

describe("the notation of scenarios", () => {
  it("is that of every file there is", () => {
    const folder = new URL("../cases/", import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
    assert.ok(files.length > 0);
    for (const file of files) {
      assert.ok(parseScenarios(readFileSync(new URL(file, folder), "utf8")).length > 0, file);
    }
  });

  it("has clients, words, times and parked commands", () => {
    const text = `# a comment
@needs 7.2
== one
@needs blocking
b> XREAD  BLOCK 0 "a \\"b\\" \\x00\\n" é#
parked
b: parked
~ 50
@repeat 3
> XADD s %i-1
"%i-1"
b: nil*
close b
== two`;
    const [one, two] = parseScenarios(text);
    assert.deepEqual([one?.needs, two?.needs], [["7.2", "blocking"], ["7.2"]]);
    assert.deepEqual(one?.steps, [
      {
        line: 5,
        kind: "command",
        client: "b",
        argv: ["XREAD", "BLOCK", "0", 'a "b" \0\n', "Ã©#"],
        expect: "parked",
        times: 1,
      },
      { line: 7, kind: "stillParked", client: "b" },
      { line: 8, kind: "pass", ms: 50 },
      {
        line: 10,
        kind: "command",
        client: "",
        argv: ["XADD", "s", "%i-1"],
        expect: { type: "bulk", text: "%i-1" },
        times: 3,
      },
      { line: 12, kind: "arrives", client: "b", expect: { type: "nilArray" } },
      { line: 13, kind: "close", client: "b" },
    ]);
  });

  it("has values over several lines", () => {
    assert.equal(show(expectedOf('[1,\n\n "a]",\n  {"k": nil$,},\n]')), '[1, "a]", {"k": nil$}]');
    assert.equal(show(expectedOf('{{"s": []}}')), '{{"s": []}}');
    assert.equal(
      show(expectedOf('[{"a": {"b": 1}}, -"ERR x", +"OK", id]')),
      '[{"a": {"b": 1}}, -ERR x, +OK, id]',
    );
    assert.equal(show(expectedOf("-ERR [not a list")), "-ERR [not a list");
    assert.equal(show(expectedOf("-1")), "-1");
    assert.equal(
      show(expectedOf('[~[1,\n2], *[>[]], =["a*",\n "b"]]')),
      '[~[1, 2], *[>[]], =["a*", "b"]]',
    );
  });

  it("refuses everything else, naming the line", () => {
    const wrong = [
      "> X",
      "> X\n[1",
      "> X\nfoo",
      '> X\n"a',
      "> X\n1 2",
      "X",
      "@repeat x",
      "~ x",
      "@needs wings",
      "",
    ];
    for (const line of wrong) {
      const text = line === "" ? "> X\n1" : `== a\n${line}`;
      assert.throws(() => parseScenarios(text), /^SyntaxError: line \d+: /, text);
    }
    assert.throws(() => parseScenarios("== a\n== a"), /a name of its own/);
  });

  it("expects one thing of two protocols", () => {
    const map = expectedOf('{"a": 1}');
    const pairs = expectedOf('{{"a": 1}}');
    const flat = comes("*2\r\n$1\r\na\r\n:1\r\n");
    const nested = comes("*1\r\n*2\r\n$1\r\na\r\n:1\r\n");
    const real = comes("%1\r\n$1\r\na\r\n:1\r\n");
    assert.deepEqual(
      [flat, nested, real].map((value) => isExpected(map, value, 2)),
      [true, false, false],
    );
    assert.deepEqual(
      [flat, nested, real].map((value) => isExpected(pairs, value, 2)),
      [false, true, false],
    );
    for (const expected of [map, pairs]) {
      assert.deepEqual(
        [flat, nested, real].map((value) => isExpected(expected, value, 3)),
        [false, false, true],
      );
    }
    const nil = expectedOf("nil*");
    assert.deepEqual(
      ["*-1\r\n", "$-1\r\n", "_\r\n"].map((text) => isExpected(nil, comes(text), 2)),
      [true, false, false],
    );
    assert.deepEqual(
      ["*-1\r\n", "$-1\r\n", "_\r\n"].map((text) => isExpected(nil, comes(text), 3)),
      [false, false, true],
    );
    const pair = "2\r\n$1\r\na\r\n$1\r\nb\r\n";
    const as = (notation: string, signs: string, protocol: 2 | 3) =>
      [...signs].map((sign) => isExpected(expectedOf(notation), comes(sign + pair), protocol));
    assert.deepEqual(as('>["a", "b"]', "*>~", 2), [true, false, false]);
    assert.deepEqual(as('>["a", "b"]', "*>~", 3), [false, true, false]);
    assert.deepEqual(as('~["b", "a"]', "*>~", 2), [true, false, false]);
    assert.deepEqual(as('~["b", "a"]', "*>~", 3), [false, false, true]);
    assert.deepEqual(as('*["b", "a"]', "*>~", 3), [true, false, false]);
    assert.deepEqual(as('*["b", "b"]', "*", 3), [false]);
    const text = "x:1\r\ny.z:23\r\n";
    const lines = expectedOf('=["y.z:*3", "x:1"]');
    assert.deepEqual(
      [`$${text.length}\r\n${text}\r\n`, `=${text.length + 4}\r\ntxt:${text}\r\n`].map((bytes) => [
        isExpected(lines, comes(bytes), 2),
        isExpected(lines, comes(bytes), 3),
      ]),
      [
        [true, false],
        [false, true],
      ],
    );
    assert.ok(!isExpected(expectedOf('=["x:2"]'), comes("$3\r\nx:1\r\n"), 2));
    assert.ok(!isExpected(expectedOf('"OK"'), comes("+OK\r\n"), 2));
    assert.ok(!isExpected(expectedOf("any"), comes("-ERR\r\n"), 2));
    assert.ok(!isExpected(expectedOf("id"), comes("$3\r\n1-a\r\n"), 2));
  });
});
