/** Who may come in over HTTP, and what for. */

import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { COMMAND_NAMES } from "../../pkg/src/http/command-names.ts";
import { Feeds } from "../../pkg/src/http/feed.ts";
import { handle } from "../../pkg/src/http/handler.ts";
import { createServer, createToken, type TokenOptions } from "../../pkg/src/server/index.ts";
import { HttpHost, TOKEN } from "./http-host.ts";
import { runProgram } from "./served.ts";

/** What the bearer of a token is told of a command. */
async function told(host: HttpHost, token: string, ...command: string[]): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const body = JSON.stringify(command);
  const response = await host.fetch("/", { method: "POST", headers, body });
  const { error } = (await response.json()) as { error?: string };
  return error === undefined ? "done" : `${response.status} ${error.split(" ")[0]}`;
}

const make = (options: TokenOptions) => createToken(TOKEN, options);

describe("tokens", () => {
  it("are needed, and a server without a secret says how to set it", async () => {
    await using host = await HttpHost.start();
    const bare = await fetch(host.address, { method: "POST", body: '["PING"]' });
    assert.equal(bare.status, 401);
    assert.equal(bare.headers.get("www-authenticate"), "Bearer");
    await using open = await createServer({ port: 0, http: { port: 0 } }).listen();
    const refused = await fetch(`http://127.0.0.1:${open.httpPort}/ping?_token=`);
    assert.equal(refused.status, 401);
    assert.match(await refused.text(), /NOAUTH .*EDDYLINE_TOKEN/);
  });

  it("may be in the query, where Upstash has them", async () => {
    await using host = await HttpHost.start();
    const query = `_token=${encodeURIComponent(TOKEN)}`;
    const response = await fetch(`${host.address}/set/k/v?${query}&EX=100`);
    assert.deepEqual(await response.json(), { result: "OK" });
    assert.equal((await fetch(`${host.address}/ping?token=${query}`)).status, 401);
  });

  it("that only read change nothing", async () => {
    await using host = await HttpHost.start({
      http: { port: 0, token: TOKEN, readOnlyToken: "read" },
    });
    for (const token of ["read", await make({ readOnly: true })]) {
      assert.equal(await told(host, token, "XLEN", "s"), "done");
      assert.equal(await told(host, token, "SCAN", "0"), "done");
      for (const command of ["XADD s * f v", "PUBLISH c m", "CONFIG SET maxmemory 1", "FLUSHALL"])
        assert.equal(await told(host, token, ...command.split(" ")), "403 NOPERM", command);
    }
  });

  it("reach the keys and channels that begin as they say, and no others", async () => {
    await using host = await HttpHost.start();
    const token = await make({ prefixes: ["orders:", "a*b:"] });
    for (const key of ["orders:eu", "orders:", "a*b:1"])
      assert.equal(await told(host, token, "XADD", key, "*", "f", "v"), "done", key);
    for (const key of ["users:1", "order", "ORDERS:eu", "axb:1", ""])
      assert.equal(await told(host, token, "XADD", key, "*", "f", "v"), "403 NOPERM", key);
    for (const command of ["KEYS *", "SCAN 0", "FLUSHALL", "PUBLISH users x", "RENAME orders:eu x"])
      assert.equal(await told(host, token, ...command.split(" ")), "403 NOPERM", command);
    assert.equal(await told(host, token, "PUBLISH", "orders:eu", "x"), "done");
  });

  it("allow the commands that they name", async () => {
    await using host = await HttpHost.start();
    const token = await make({ commands: ["xadd", "xgroup|create", "@connection"] });
    assert.equal(await told(host, token, "XADD", "s", "*", "f", "v"), "done");
    assert.equal(await told(host, token, "XGROUP", "CREATE", "s", "g", "0"), "done");
    assert.equal(await told(host, token, "XGROUP", "DESTROY", "s", "g"), "403 NOPERM");
    assert.equal(await told(host, token, "XLEN", "s"), "403 NOPERM");
    assert.equal(await told(host, await make({}), "SHUTDOWN"), "403 NOPERM");
  });

  it("name no commands that there are not", async () => {
    await using host = await HttpHost.start();
    const listed = (await host.result("COMMAND", "LIST")) as string[];
    const info = (await host.result("COMMAND", "INFO")) as unknown[][];
    const subcommands = info.flatMap(([, , , , , , , , , own]) => own as [string][]);
    const names = [...listed, ...subcommands.map(([name]) => name)];
    const known = [...COMMAND_NAMES].filter((name) => !name.startsWith("@"));
    assert.deepEqual(known.toSorted(), names.toSorted());
    for (const name of COMMAND_NAMES) {
      const token = await createToken(TOKEN, { commands: [name.toUpperCase()] });
      const answer = await told(host, token, "PING");
      assert.equal(answer, "done", name);
    }
    for (const name of ["xaddd", "@reads", "", "xgroup|", "xgroup create"])
      await assert.rejects(createToken(TOKEN, { commands: ["xadd", name] }), {
        name: "TypeError",
        message: `there is no command or category "${name}"`,
      });
  });

  it("end when they say", async () => {
    await using host = await HttpHost.start();
    const past = await make({ expiresAtMs: Date.now() - 1 });
    assert.equal(await told(host, past, "PING"), "401 WRONGPASS");
    const future = await make({ expiresAtMs: Date.now() + 3_600_000 });
    assert.equal(await told(host, future, "PING"), "done");
  });

  it("are believed only as they were signed", async () => {
    await using host = await HttpHost.start();
    const token = await make({ readOnly: true });
    assert.equal(await told(host, token, "PING"), "done");
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === "A" ? "B" : "A";
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      // The last character of base64 holds bits that mean nothing.
      if (at === token.length - 1) continue;
      assert.equal(await told(host, changed, "PING"), "401 WRONGPASS", String(at));
    }
    for (const made of [`${token}.`, token.slice(0, -1), "eddyline1.e30.", "eddyline1..", "."])
      assert.equal(await told(host, made, "PING"), "401 WRONGPASS", made);
    const foreign = await createToken("another secret", {});
    assert.equal(await told(host, foreign, "PING"), "401 WRONGPASS");
    await assert.rejects(createToken("", {}), TypeError);
  });

  it("are made by the program, and are in no log", async () => {
    const words = ["token", "--read-only", "--prefix", "a:", "--expires", "1h"];
    // The program inherits it.
    process.env.EDDYLINE_TOKEN = TOKEN;
    const { code, out } = await runProgram(...words);
    assert.equal(code, 0);
    const typo = await runProgram("token", "--commands", "xadd,xred");
    assert.equal(typo.code, 2);
    assert.match(typo.err, /there is no command or category "xred"/);
    const lines: string[] = [];
    await using host = await HttpHost.start({ log: (line) => lines.push(line) });
    assert.equal(await told(host, out.trim(), "XLEN", "a:1"), "done");
    assert.equal(await told(host, out.trim(), "XLEN", "b:1"), "403 NOPERM");
    await fetch(`${host.address}/ping?_token=${encodeURIComponent(TOKEN)}`);
    assert.ok(lines.length > 0 && !lines.some((line) => line.includes(TOKEN)));
  });

  it("are not in what is logged of a request that fails", async () => {
    const events: unknown[] = [];
    const backend = {
      feeds: new Feeds(),
      run: () => Promise.reject(new Error("broken")),
      connect: () => ({ write: () => {}, close: () => {} }),
    };
    const door = { backend, token: TOKEN, log: (event: unknown) => events.push(event) };
    const url = `http://host/get/k?_token=${encodeURIComponent(TOKEN)}`;
    const response = await handle(new Request(url), door);
    assert.equal(response.status, 500);
    assert.deepEqual(events, [
      { event: "request failed", method: "GET", path: "/get/k", error: "Error: broken" },
    ]);
  });
});
