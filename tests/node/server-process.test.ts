/** The program `eddyline`: its arguments, signals and exit codes. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { COMMANDS } from "../../pkg/src/cli/commands.ts";
import { createServer } from "../../pkg/src/server/index.ts";
import { runProgram as run, Served } from "./served.ts";
import { RawClient } from "./server-socket.ts";

describe("the program", () => {
  it("says what it can do, and its version", async () => {
    const help = await run("--help");
    assert.deepEqual([help.code, help.err], [0, ""]);
    assert.match(help.out, /^usage: eddyline COMMAND/);
    assert.deepEqual(await run("help"), help);
    for (const { name, summary, options } of COMMANDS) {
      assert.ok(help.out.includes(` ${name.padEnd(7)}`) && help.out.includes(summary), name);
      const own = await run(name, "--help");
      assert.deepEqual([own.code, own.err], [0, ""]);
      assert.match(own.out, new RegExp(`^usage: eddyline ${name}\\b`));
      for (const [option, { short }] of Object.entries(options))
        assert.match(own.out, new RegExp(`^ +(-${short ?? "[^ ]"}, )?--${option}\\b`, "m"), option);
      const longest = Math.max(...own.out.split("\n").map((line) => line.length));
      assert.ok(longest <= 104, `${name}: a line of ${longest} characters`);
      assert.deepEqual(await run(name, "-h"), own);
      assert.deepEqual(await run("help", name), own);
    }
    const { version } = JSON.parse(
      readFileSync(new URL("../../pkg/package.json", import.meta.url), "utf8"),
    ) as { version: string };
    assert.deepEqual(await run("--version"), { code: 0, out: `eddyline ${version}\n`, err: "" });
  });

  it("says in a line what it was not understood in, and exits with 2", async () => {
    const misuses: [words: string[], says: RegExp][] = [
      [[], /what shall be done/],
      [["fly"], /unknown command "fly"/],
      [["serve", "twice"], /serve takes no "twice"/],
      [["serve", "--daemonize", "yes"], /serve has no --daemonize/],
      [["serve", "--port"], /--port <value>' argument missing/],
      [["serve", "--port", "65536"], /--port takes a whole number from 0 to 65535, not "65536"/],
      [["serve", "--port", "0x10"], /--port takes a whole number/],
      [["serve", "--maxclients", "0"], /--maxclients takes a whole number/],
      [["serve", "--repair"], /serve has no --repair/],
      [["serve", "--log-format", "xml"], /--log-format takes text or json, not "xml"/],
      [["check", "folder", "--http", "1"], /check has no --http/],
      [["token"], /EDDYLINE_TOKEN, which is not set/],
    ];
    for (const [words, says] of misuses) {
      const { code, out, err } = await run(...words);
      assert.deepEqual([code, out], [2, ""], words.join(" "));
      assert.match(err, says);
      assert.match(err, /^eddyline: [^\n]* \(eddyline (\w+ )?--help says what there is\)\n$/);
    }
  });

  it("logs objects where it is asked to", async () => {
    await using served = await Served.start("--log-format", "json", "--http", "0");
    assert.equal(await served.end("SIGTERM"), 0);
    const events = served.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.ok(events.every(({ time, event }) => !Number.isNaN(Date.parse(time)) && event !== ""));
    assert.equal(events.at(-1).event, "ended");
  });

  it("says in a line why it cannot listen, and exits with 1", async () => {
    await using server = await createServer({ port: 0 }).listen();
    for (const [words, says] of [
      [["--port", String(server.port)], /another program listens there/],
      [["--host", "0.0.0.0", "--port", "0"], /refused to listen on 0\.0\.0\.0 without a password/],
    ] as const) {
      const { code, out, err } = await run("serve", ...words);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, /^eddyline: [^\n]*\n$/);
      assert.match(err, says);
    }
  });
});

describe("a server in a process of its own", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`ends in order on ${signal}, also while readers wait`, async () => {
      const served = await Served.start();
      const readers: RawClient[] = [];
      for (let i = 0; i < 20; i++) {
        const reader = await RawClient.open(served.port);
        reader.write("XREAD BLOCK 0 STREAMS s $\r\n");
        readers.push(reader);
      }
      const client = await RawClient.open(served.port);
      assert.equal(await client.ask("PING\r\n"), "+PONG\r\n");
      assert.equal(await served.end(signal), 0);
      for (const reader of readers) assert.equal(await reader.rest(), "");
      const events = served.out.trimEnd().split("\n");
      for (const event of events) assert.match(event, /^\d{4}-\d\d-\d\dT[\d:.]+Z \S/);
      assert.deepEqual(
        events.map((event) => event.replace(/^\S+ /, "").replace(/:\d+$/, ":PORT")),
        [
          "listening on 127.0.0.1:PORT",
          "the streams are kept in memory only: they end with the server",
          `${signal}: ending`,
          "ended",
        ],
      );
    });
  }

  it("goes on when nobody reads its log any more", async () => {
    const served = await Served.start();
    const client = await RawClient.open(served.port);
    served.process.stdout?.destroy();
    // Its log says so, and cannot.
    const ended = once(served.process, "close");
    assert.equal(await client.ask("XADD s 1-1 a 1\r\n"), "$3\r\n1-1\r\n");
    client.write("SHUTDOWN\r\n");
    const [code] = (await ended) as [number | null];
    assert.equal(code, 0);
  });

  it("ends at once on a second signal", async () => {
    const served = await Served.start();
    // What it is owed and does not read is waited for.
    const client = await RawClient.open(served.port);
    client.socket.pause();
    const taken = await client.writeUntilStill(Buffer.from(`PING ${"x".repeat(60_000)}\r\n`), 1000);
    assert.ok(taken < 1000);
    const ended = once(served.process, "close");
    served.process.kill("SIGTERM");
    while (!served.out.includes("ending"))
      await once(served.process.stdout ?? client.socket, "data");
    served.process.kill("SIGTERM");
    const [code] = (await ended) as [number | null];
    assert.equal(code, 1);
    client.close();
  });
});
