/** The RESP codec: what is written is what Redis reads, what Redis writes is what is read. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CommandError, ProtocolError } from "../src/errors.ts";
import { encodeRequests, replyEnd } from "../src/framing.ts";
import {
  type Argv,
  fieldsReader,
  ReplyReader,
  readBytes,
  readText,
  requestBound,
  writeRequest,
} from "../src/resp.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const decode = (text: string) => new ReplyReader(bytesOf(text)).value(readText);

/** A request as the protocol's definition says, without any of the writer's shortcuts. */
function plainRequest(argv: Argv): Uint8Array {
  const parts: Uint8Array[] = [bytesOf(`*${argv.length}\r\n`)];
  for (const argument of argv) {
    const bytes = typeof argument === "string" ? bytesOf(argument) : argument;
    parts.push(bytesOf(`$${bytes.length}\r\n`), bytes, bytesOf("\r\n"));
  }
  return Buffer.concat(parts);
}

describe("requests", () => {
  const texts = ["", "a", "é", "日本語", "\ud800", "🐟", "\0\r\n", "x".repeat(9), "x".repeat(10)];
  const lengths = [33, 34, 47, 48, 49, 99, 100, 333, 334, 999, 1000, 3333, 3334, 100_000];
  const long = lengths.flatMap((length) => [
    "x".repeat(length),
    "é".repeat(length),
    "日".repeat(length),
  ]);

  it("writes text and bytes of every length as the protocol says", () => {
    for (const text of [...texts, ...long]) {
      const argv = ["XADD", text, bytesOf(text), text];
      assert.deepEqual(
        Buffer.from(encodeRequests([argv])),
        plainRequest(argv),
        JSON.stringify(text.slice(0, 20)),
      );
    }
  });

  it("stays within its bound and writes at the place it is told", () => {
    for (const text of [...texts, ...long]) {
      const argv = [text, "a", bytesOf(text)];
      const out = new Uint8Array(7 + requestBound(argv)).fill(255);
      const end = writeRequest(out, 7, argv);
      assert.ok(end <= out.length);
      assert.deepEqual(Buffer.from(out.subarray(7, end)), plainRequest(argv));
      assert.deepEqual(out.subarray(0, 7), new Uint8Array(7).fill(255));
    }
  });

  it("refuses what is neither text nor bytes, naming it", () => {
    const argv = ["XADD", "key", 12] as unknown as Argv;
    assert.throws(
      () => requestBound(argv),
      new TypeError("argument 2 of XADD is number: a string or a Uint8Array is expected"),
    );
  });
});

/** One of each kind, and some in others. */
const REPLIES = [
  "+OK\r\n",
  "-ERR x\r\n",
  ":1\r\n",
  "_\r\n",
  "$-1\r\n",
  "$4\r\n\r\n\r\n\r\n",
  "*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
  "%2\r\n+a\r\n*0\r\n+b\r\n%1\r\n+c\r\n:1\r\n",
  "=8\r\ntxt:text\r\n",
  "~2\r\n:1\r\n_\r\n",
  ">1\r\n*-1\r\n",
];

describe("replies", () => {
  it("decodes every type of RESP2", () => {
    assert.equal(decode("+OK\r\n"), "OK");
    assert.equal(decode("$5\r\nhello\r\n"), "hello");
    assert.equal(decode("$0\r\n\r\n"), "");
    assert.equal(decode(":12\r\n"), 12);
    assert.equal(decode(":-12\r\n"), -12);
    assert.equal(decode("$-1\r\n"), null);
    assert.equal(decode("*-1\r\n"), null);
    assert.deepEqual(decode("*0\r\n"), []);
    assert.deepEqual(decode("*3\r\n:1\r\n*1\r\n$1\r\na\r\n$-1\r\n"), [1, ["a"], null]);
    assert.deepEqual(decode("-WRONGTYPE no\r\n"), new CommandError("WRONGTYPE no"));
  });

  it("decodes every type of RESP3 that Eddyline gives, maps as plain objects", () => {
    assert.equal(decode("_\r\n"), null);
    assert.equal(decode("=8\r\ntxt:text\r\n"), "text");
    assert.deepEqual(decode("~2\r\n:1\r\n:2\r\n"), [1, 2]);
    assert.deepEqual(decode("%2\r\n$1\r\na\r\n:1\r\n+b\r\n*0\r\n"), { a: 1, b: [] });
  });

  it("keeps a field called __proto__", () => {
    const object = decode("%1\r\n$9\r\n__proto__\r\n$1\r\nx\r\n") as object;
    assert.deepEqual(Object.entries(object), [["__proto__", "x"]]);
  });

  it("keeps a byte order mark and replaces what is no UTF-8, as Node's own clients do", () => {
    for (const bytes of [
      [0xef, 0xbb, 0xbf, 0x61],
      [0xff, 0x61],
      [0xe2, 0x82],
    ]) {
      const reply = Buffer.concat([
        bytesOf(`$${bytes.length}\r\n`),
        Buffer.from(bytes),
        bytesOf("\r\n"),
      ]);
      assert.equal(new ReplyReader(reply).value(readText), Buffer.from(bytes).toString());
      assert.deepEqual(new ReplyReader(reply).value(readBytes), new Uint8Array(bytes));
    }
  });

  it("hands out bytes of its own", () => {
    const reply = bytesOf("$2\r\nab\r\n");
    const bytes = new ReplyReader(reply).bytes();
    reply.fill(0);
    assert.equal(textOf(bytes), "ab");
  });

  it("takes the code from an error's first word", () => {
    assert.equal(
      new CommandError("BUSYGROUP Consumer Group name already exists").code,
      "BUSYGROUP",
    );
    assert.equal(new CommandError("ERR").code, "ERR");
    assert.equal(new CommandError("Something else").code, "ERR");
  });

  it("says what it found when it expected something else", () => {
    assert.throws(() => new ReplyReader(bytesOf("+OK\r\n")).items(), ProtocolError);
    assert.throws(() => new ReplyReader(bytesOf("+OK\r\n")).integer(), ProtocolError);
    assert.throws(() => decode("#t\r\n"), ProtocolError);
    assert.throws(() => new ReplyReader(bytesOf("*1\r\n")).value(readText), ProtocolError);
    assert.throws(() => new ReplyReader(bytesOf("$5\r\nab")).text(), ProtocolError);
    assert.throws(() => decode("*1\r\n".repeat(100)), ProtocolError);
  });

  it("reads fields by their own names, whatever those of the entry before were", () => {
    const names = [
      "a",
      "ab",
      "b",
      "é",
      "\u00c3",
      "日",
      "__proto__",
      "",
      "x".repeat(48),
      "x".repeat(49),
    ];
    const read = fieldsReader(readText);
    for (const before of names) {
      for (const name of names) {
        for (const field of [before, name]) {
          const entry = [field, "1", `${field}-`, "2"];
          const reply = `*4\r\n${entry.map((text) => `$${bytesOf(text).length}\r\n${text}\r\n`).join("")}`;
          assert.deepEqual(Object.entries(read(new ReplyReader(bytesOf(reply)))), [
            entry.slice(0, 2),
            entry.slice(2),
          ]);
        }
      }
    }
  });

  it("does not take a byte that is no UTF-8 for the character of that code", () => {
    const reader = (name: number[]) =>
      new ReplyReader(
        Uint8Array.from([
          ...bytesOf(`*2\r\n$${name.length}\r\n`),
          ...name,
          ...bytesOf("\r\n$0\r\n\r\n"),
        ]),
      );
    const read = fieldsReader(readText);
    assert.deepEqual(read(reader([0xc3, 0xa9])), { é: "" });
    assert.deepEqual(read(reader([0xe9])), { "\ufffd": "" });
  });

  it("goes past a reply of any kind, wherever reading it stopped", () => {
    for (const reply of REPLIES) {
      const reader = new ReplyReader(bytesOf(`${reply}:7\r\n`));
      const start = reader.mark();
      try {
        reader.items();
        reader.text();
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
      }
      reader.skipFrom(start);
      assert.equal(reader.integer(), 7, reply);
    }
  });

  it("finds the end of a reply, and on every prefix that there is none yet", () => {
    for (const reply of REPLIES) {
      const bytes = bytesOf(`:0\r\n${reply}:7\r\n`);
      const end = 4 + reply.length;
      assert.equal(replyEnd(bytes, 4), end, reply);
      for (let cut = 4; cut < end; cut++)
        assert.equal(replyEnd(bytes, 4, cut), -1, reply.slice(0, cut - 4));
    }
  });
});
