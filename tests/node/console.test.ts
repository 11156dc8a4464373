/** `eddyline console`: the page, the door beside it, and who is kept out. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { PROGRAM, runProgram } from "./served.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-console-"));
after(() => rmSync(root, { recursive: true }));

/** A console in a process of its own. */
class Console implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly url: URL;

  private constructor(child: ChildProcess, url: URL) {
    this.#process = child;
    this.url = url;
  }

  static async start(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Console> {
    const child = spawn(process.execPath, [PROGRAM, "console", ...words, "--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, EDDYLINE_TOKEN: "", ...env },
    });
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    return new Console(child, new URL(line.toString().trim()));
  }

  /** What the page is told. */
  get told(): URLSearchParams {
    return new URLSearchParams(this.url.hash.slice(1));
  }

  get token(): string {
    return this.told.get("token") ?? "";
  }

  async end(): Promise<number | null> {
    const closed = once(this.#process, "close");
    this.#process.kill("SIGINT");
    const [code] = (await closed) as [number | null];
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) await this.end();
  }
}

/** The status of a request with a header that `fetch` would not send. */
async function statusWithHost(url: URL, host: string): Promise<number | undefined> {
  const asked = request(url, { headers: { host } }).end();
  const [response] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe("eddyline console", () => {
  it("serves the page, and lets in who has the token", async () => {
    const folder = join(root, "streams");
    await using served = await Console.start([folder]);
    assert.equal(served.url.hostname, "127.0.0.1");
    assert.match(served.token, /^[\w-]{32}$/);
    const page = await fetch(served.url);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    const html = await page.text();
    const [, script = ""] = /<script [^>]*src="\.\/([^"]+)"/.exec(html) ?? [];
    const code = await fetch(new URL(script, served.url));
    assert.match(code.headers.get("content-type") ?? "", /^text\/javascript/);
    assert.match(code.headers.get("cache-control") ?? "", /immutable/);

    await using db = await Eddyline.open(served.url.origin, { token: served.token });
    assert.match(await db.xAdd("orders", "*", { item: "tea" }), /^\d+-\d+$/);
    await assert.rejects(async () => {
      await using other = await Eddyline.open(served.url.origin, { token: "another" });
      await other.xLen("orders");
    }, /WRONGPASS/);
    await db.close();
    assert.equal(await served.end(), 0);
    await using kept = await Eddyline.open(`file:${folder}`);
    assert.equal(await kept.xLen("orders"), 1);
  });

  it("has a Content-Security-Policy in which nothing is allowed that is not needed", async () => {
    await using served = await Console.start(["memory://"]);
    const page = await fetch(served.url);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
    for (const part of ["connect-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"])
      assert.ok(policy.includes(part), part);
    assert.ok((await page.text()).includes("connect-src 'self';"));
  });

  it("answers to no other name, files of others neither", async () => {
    await using served = await Console.start([]);
    assert.equal(await statusWithHost(served.url, `localhost:${served.url.port}`), 200);
    assert.equal(await statusWithHost(served.url, `evil.example:${served.url.port}`), 421);
    for (const path of ["..%2f..%2fpackage.json", "assets/..%2f..%2fpackage.json", "_headers2"]) {
      const { status } = await fetch(new URL(path, served.url));
      assert.equal(status, 401, path);
    }
  });

  it("gives the page the address of a server, to which alone it may speak", async () => {
    const words = ["https://streams.example/"];
    await using served = await Console.start(words, { EDDYLINE_TOKEN: "secret" });
    assert.equal(served.told.get("server"), "https://streams.example");
    assert.equal(served.token, "secret");
    const wide = "connect-src 'self' https://streams.example wss://streams.example;";
    const page = await fetch(served.url);
    assert.ok(page.headers.get("content-security-policy")?.includes(wide));
    assert.ok((await page.text()).includes(wide));
    const headers = { authorization: "Bearer secret" };
    const door = await fetch(new URL("xlen/orders", served.url), { headers });
    assert.equal(door.status, 401);
  });

  it("says in a line why it cannot", async () => {
    for (const [words, code, says] of [
      [["redis://localhost"], 2, /the page speaks no RESP/],
      [["one", "two"], 2, /takes one folder or address/],
      [["idb://name", "--port", "0"], 1, /no idb: storage/],
    ] as const) {
      const ended = await runProgram("console", ...words);
      assert.equal(ended.code, code);
      assert.match(ended.err, says);
    }
  });
});
