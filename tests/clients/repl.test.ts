/** `eddyline repl` beside the real redis-cli: the same bytes for the same replies. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { countRequests } from "../../pkg/src/framing.ts";
import { createServer as createEddyline } from "../../pkg/src/server/index.ts";

const PROGRAM = fileURLToPath(new URL("../../pkg/bin/eddyline.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "eddyline-repl-"));
after(() => rmSync(root, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end. Bytes are characters. */
function run(program: string, words: readonly string[], input = ""): Promise<Ended> {
  const child = spawn(program, words, { timeout: 120_000 });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("latin1").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("latin1").on("data", (text: string) => (err += text));
  child.stdin.on("error", () => {});
  child.stdin.end(Buffer.from(input, "latin1"));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

const redisCli = (port: number, words: readonly string[], input?: string) =>
  run("redis-cli", ["-p", `${port}`, ...words], input);

/** Options come behind the address, as redis-cli's do; then the command. */
const repl = (where: number | string, words: readonly string[], input?: string) => {
  const address = typeof where === "number" ? `redis://127.0.0.1:${where}` : where;
  return run(process.execPath, [PROGRAM, "repl", address, ...words], input);
};

/** Answers `GET n` with the reply of this number, whatever it is. */
async function serveReplies(replies: readonly string[]): Promise<Server> {
  const server = createServer((socket) => {
    let asked = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      asked = Buffer.concat([asked, bytes]);
      if (countRequests(asked) < 1) return;
      const text = asked.toString("latin1");
      asked = Buffer.alloc(0);
      const number = Number(/GET\r\n\$\d+\r\n(\d+)/.exec(text)?.[1] ?? Number.NaN);
      const reply = /HELLO/.test(text) ? "%1\r\n+proto\r\n:3\r\n" : replies[number];
      socket.write(Buffer.from(reply ?? "-ERR\r\n", "latin1"));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

const REPLIES = [
  "+OK\r\n",
  "-ERR bad thing\r\n",
  ":-5\r\n",
  '$16\r\na"b\\c\n\r\t\b\x07\x00\x1f\x7f\xff~/\r\n',
  "$0\r\n\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "_\r\n",
  ",3.14\r\n",
  "#t\r\n",
  "#f\r\n",
  '=9\r\ntxt:he"l\n\r\n',
  "*0\r\n",
  "%0\r\n",
  "~0\r\n",
  "*3\r\n:1\r\n$1\r\na\r\n+OK\r\n",
  "*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\n2-1\r\n*-1\r\n",
  "%2\r\n$1\r\nk\r\n:1\r\n$1\r\nm\r\n*2\r\n:1\r\n%1\r\n+a\r\n~1\r\n:2\r\n",
  "~2\r\n$1\r\na\r\n$1\r\nb\r\n",
  "*3\r\n*0\r\n%0\r\n$-1\r\n",
  `*11\r\n${":1\r\n".repeat(9)}${"*2\r\n:1\r\n:2\r\n".repeat(2)}`,
  `%10\r\n${Array.from({ length: 10 }, (_, n) => `$1\r\n${n}\r\n*2\r\n:1\r\n:2\r\n`).join("")}`,
  "%1\r\n+a\r\n%1\r\n+b\r\n:1\r\n",
  "%1\r\n+a\r\n%2\r\n+b\r\n:1\r\n+c\r\n:1\r\n",
  "%1\r\n+a\r\n~2\r\n:1\r\n:2\r\n",
  "%1\r\n+a\r\n*1\r\n*2\r\n:1\r\n:2\r\n",
  "%1\r\n*2\r\n:1\r\n:2\r\n:3\r\n",
  "%2\r\n+a\r\n=8\r\ntxt:x\nyz\r\n+b\r\n$3\r\nx\ny\r\n",
  "*2\r\n%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:1\r\n:9\r\n",
];
/** In JSON these are otherwise on purpose, see format.ts. */
const ERRORS = ["*2\r\n-ERR in\r\n+OK\r\n", "%1\r\n+a\r\n-ERR x\r\n", ",inf\r\n"];

const FORMATS = ["--no-raw", "--raw", "--csv", "--json", "--quoted-json"];

describe("the repl's formats", { concurrency: 2 }, () => {
  for (const format of FORMATS) {
    it(`${format} is redis-cli's`, async () => {
      const isSame = (reply: string) =>
        !reply.startsWith("-") && !(format === "--quoted-json" && reply.includes('"'));
      const replies = format.endsWith("json") ? REPLIES.filter(isSame) : [...REPLIES, ...ERRORS];
      await using server = await serveReplies(replies);
      const port = portOf(server);
      const commands = replies.map((_, number) => `GET ${number}\n`).join("");
      const theirs = await redisCli(port, [format], commands);
      const ours = await repl(port, [format], commands);
      assert.deepEqual(ours, theirs);
      assert.ok(ours.out.length > 200);
    });
  }

  it("JSON is JSON, errors too", async () => {
    await using server = await serveReplies(ERRORS);
    const { out } = await repl(portOf(server), ["--json"], "GET 0\nGET 1\nGET 2\n");
    const values = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(values, [[{ error: "ERR in" }, "OK"], { a: { error: "ERR x" } }, "inf"]);
  });
});

const SCRIPT = `SET a "b
"quoted""badly"

PING
MULTI
SET a 1
INCR a
LPUSH a x
EXEC
EXEC
SELECT 1
XADD s 1-1 a "\\xff\\x00" 'it''s' c
XADD s 1-1 a "\\xff\\x00" 'it\\'s' c
XADD s 1-2 a 'ümlaut'
XRANGE s - +
XGROUP CREATE s g 0
XREADGROUP GROUP g c COUNT 1 STREAMS s >
XPENDING s g
XPENDING s g - + 10 other
XREAD STREAMS none 0
XINFO GROUPS s
2 PING
INCR
nothing
GET s
XREAD BLOCK 1 STREAMS s $
EXISTS s
FLUSHALL
quit
PING
`;

describe("the repl's scripts", { concurrency: 2 }, () => {
  for (const protocol of ["-2", "-3"]) {
    for (const format of ["--no-raw", "--raw"]) {
      it(`read as redis-cli reads them: ${protocol} ${format}`, async () => {
        await using server = await createEddyline({ port: 0 }).listen();
        const theirs = await redisCli(server.port, [protocol, format], SCRIPT);
        const ours = await repl(server.port, [protocol, format], SCRIPT);
        assert.deepEqual(ours, theirs);
        assert.match(ours.out, /1-2/);
      });
    }
  }

  it("take a command from the command line, options of its own too", async () => {
    await using server = await createEddyline({ port: 0 }).listen();
    const { port } = server;
    for (const words of [
      ["--no-raw", "SET", "a", "-1"],
      ["-r", "3", "INCR", "a"],
      ["-n", "2", "DBSIZE"],
      ["INCR"],
      ["--no-raw", "CONFIG", "GET", "appendonly"],
      ["-3", "--no-raw", "CONFIG", "GET", "maxclients"],
      ["XADD", "s", "*", "two words", '"'],
    ]) {
      const theirs = await redisCli(port, words);
      if (words[0] === "-r") await redisCli(port, ["SET", "a", "-1"]);
      const ours = await repl(port, words);
      const shape = ({ code, out, err }: Ended) => [code, out.replace(/\d{13}-\d+/, "ID"), err];
      assert.deepEqual(shape(ours), shape(theirs), words.join(" "));
    }
    assert.equal((await redisCli(port, ["-x", "SET", "x"], "a\nb")).out, "OK\n");
    assert.equal((await repl(port, ["-x", "SET", "y"], "a\nb")).out, "OK\n");
    assert.deepEqual(await server.client().get("y"), await server.client().get("x"));
    for (const text of ["INFO", "CLIENT LIST"]) {
      const lines = (await repl(port, ["--no-raw", ...text.split(" ")])).out.split("\n");
      assert.ok(lines.length > 1 && !lines[0]?.startsWith('"'), text);
    }
  });

  it("end with 1 where that was asked, or nobody answers", async () => {
    await using server = await createEddyline({ port: 0 }).listen();
    assert.equal((await repl(server.port, ["-e", "INCR"])).code, 1);
    assert.equal((await redisCli(server.port, ["-e", "INCR"])).code, 1);
    assert.equal((await repl(server.port, ["INCR"])).code, 0);
    const script = await repl(server.port, ["-e"], "INCR\nPING\n");
    assert.equal(script.code, 1);
    assert.doesNotMatch(script.out, /PONG/);
    const free = await serveReplies([]);
    const port = portOf(free);
    await new Promise((resolve) => free.close(resolve));
    for (const address of [`redis://127.0.0.1:${port}`, `http://127.0.0.1:${port}`]) {
      const nobody = await repl(address, ["PING"]);
      assert.deepEqual([nobody.code, nobody.out], [1, ""]);
      assert.match(nobody.err, /^eddyline: 127\.0\.0\.1:?\d* cannot be reached/);
    }
  });

  it("work in memory, in a folder and over a WebSocket", async () => {
    assert.equal((await repl("memory://", [], "XADD s 1-1 a 1\nXLEN s\n")).out, "1-1\n1\n");
    const folder = join(root, "streams");
    assert.equal((await repl(folder, ["XADD", "s", "1-1", "a", "1"])).out, "1-1\n");
    assert.equal((await repl(`file:${folder}`, ["XLEN", "s"])).out, "1\n");
    const http = { port: 0, token: "secret" };
    await using server = await createEddyline({ port: 0, http }).listen();
    const address = `http://127.0.0.1:${server.httpPort}`;
    const refused = await repl(address, ["PING"]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /answered 401: .*NOAUTH/);
    process.env.EDDYLINE_TOKEN = "secret";
    try {
      const script = "MULTI\nXADD s 1-1 a 1\nEXEC\nXREAD BLOCK 1 STREAMS s $\nXLEN s\n";
      const { code, out } = await repl(address, [], script);
      assert.deepEqual([code, out], [0, "OK\nQUEUED\n1-1\n\n1\n"]);
    } finally {
      delete process.env.EDDYLINE_TOKEN;
    }
  });
});

/** A person at a terminal. */
class Terminal implements AsyncDisposable {
  readonly #child;
  #shown = "";
  #from = 0;
  #changed: () => void = () => {};
  readonly ended: Promise<number | null>;

  constructor(words: readonly string[], history: string) {
    const command = `stty cols 100; ${[process.execPath, PROGRAM, "repl", ...words].join(" ")}`;
    this.#child = spawn("script", ["-qec", command, "/dev/null"], {
      env: { ...process.env, TERM: "xterm", EDDYLINE_HISTORY: history },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#shown += text;
      this.#changed();
    });
    this.ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  /** Types, and waits until this is shown. */
  async type(text: string, until: string): Promise<string> {
    this.#child.stdin.write(text);
    const deadline = AbortSignal.timeout(60_000);
    for (;;) {
      const at = this.#shown.indexOf(until, this.#from);
      if (at >= 0) {
        const shown = this.#shown.slice(this.#from, at + until.length);
        this.#from = at + until.length;
        return shown;
      }
      if (deadline.aborted)
        throw new Error(
          `"${until}" is not shown, but ${JSON.stringify(this.#shown.slice(this.#from))}`,
        );
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#changed = resolve;
        }),
        new Promise((resolve) => setTimeout(resolve, 1000)),
      ]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}

describe("the repl at a terminal", { skip: !existsSync("/usr/bin/script") }, () => {
  it("edits, hints, completes, and knows where it is", async () => {
    const history = join(root, "history");
    await using person = new Terminal([], history);
    await person.type("", "memory> ");
    await person.type("xlen ", "\x1b[90mkey\x1b[0m");
    await person.type("\x15xadd s 1-1 a 1\r", '"1-1"\r\n');
    await person.type("", "memory> ");
    await person.type("xrevr\t", "xrevrange");
    await person.type(" s + -\r", '1) 1) "1-1"\r\n   2) 1) "a"\r\n      2) "1"\r\n');
    await person.type("set some-key 1\r", "OK\r\n");
    await person.type("get some\t", "some-key");
    await person.type("\r", '"1"\r\n');
    await person.type("select 3\r", "memory[3]> ");
    await person.type("multi\r", "memory[3](TX)> ");
    await person.type("exec\r", "(empty array)\r\n");
    await person.type("config get maxclients\r", '1# "maxclients" => "10000"\r\n');
    await person.type("auth secret\r", "(error)");
    await person.type("", "memory[3]> ");
    await person.type("quit\r", "\r\n");
    assert.equal(await person.ended, 0);
    const kept = readFileSync(history, "utf8");
    assert.match(kept, /^xadd s 1-1 a 1$/m);
    assert.doesNotMatch(kept, /secret/);

    await using again = new Terminal([], history);
    await again.type("", "memory> ");
    await again.type("\x1b[A\x1b[A", "config get maxclients");
  });

  it("ends a wait and a subscription by Ctrl-C, and goes on", async () => {
    await using server = await createEddyline({ port: 0 }).listen();
    const at = `127.0.0.1:${server.port}`;
    await using person = new Terminal([`redis://${at}/2`], join(root, "another"));
    await person.type("", `${at}[2]> `);
    await person.type("xread block 0 streams s $\r", "\r\n");
    await until(async () =>
      ((await server.client().sendCommand(["INFO", "clients"])) as string).includes(
        "blocked_clients:1",
      ),
    );
    await person.type("\x03", `${at}[2]> `);
    await person.type("subscribe news\r", '2) "news"\r\n3) (integer) 1\r\n');
    await server.client().publish("news", "hello");
    await person.type("", '1) "message"\r\n2) "news"\r\n3) "hello"\r\n');
    await person.type("\x03", `${at}[2]> `);
    await person.type("half a line\x03", `${at}[2]> `);
    await person.type("dbsize\r", "(integer) 0\r\n");
    await server.close();
    await person.type("ping\r", "Error: ");
    await person.type("\x04", "\r\n");
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
