/** `eddyline pull` and `eddyline push`, beside real Redis servers of two versions. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { ServerEndpoint } from "../../pkg/src/transfer/endpoint.ts";
import { type Server, type ServerName, startServer } from "./servers.ts";

const PROGRAM = fileURLToPath(new URL("../../pkg/dist/cli/main.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "eddyline-transfer-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const fresh = (): string => join(root, `${++folders}`);

function eddyline(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], {
    timeout: 60_000,
  });
  return { status, out: stdout.toString(), err: stderr.toString() };
}

/** Everything that a person at a terminal is shown. */
function shown(...words: string[]): string {
  const command = `stty cols 80; ${process.execPath} ${PROGRAM} ${words.join(" ")}`;
  return spawnSync("script", ["-qec", command, "/dev/null"], { timeout: 60_000 }).stdout.toString();
}

/** A stream with two groups, pending entries, deleted ones among them, and an expiry. */
async function fill(redis: ServerEndpoint, key: string, entries: number): Promise<void> {
  const ask = (...argv: string[]) => redis.ask(argv);
  const adds = [];
  for (let n = 1; n <= entries; n++) adds.push(ask("XADD", key, `${n}-1`, "item", `tea ${n}`));
  await Promise.all(adds);
  await ask("XGROUP", "CREATE", key, "billing", "0");
  await ask("XGROUP", "CREATE", key, "shipping", `${entries >> 1}-1`);
  await ask("XREADGROUP", "GROUP", "billing", "a", "COUNT", "30", "STREAMS", key, ">");
  await ask("XREADGROUP", "GROUP", "billing", "b", "COUNT", "5", "STREAMS", key, ">");
  await ask("XCLAIM", key, "billing", "b", "0", "3-1", "RETRYCOUNT", "7", "JUSTID");
  await ask("XACK", key, "billing", "1-1", "2-1");
  await ask("XDEL", key, "4-1", "9-1", `${entries}-1`);
  await ask("XTRIM", key, "MAXLEN", `${entries - 7}`);
  await ask("PEXPIRE", key, "900000");
}

/** What XINFO STREAM FULL says, but for what the encoding alone decides; without times if asked. */
function plain(value: unknown, timeless: boolean): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.map((item) => plain(item, timeless));
  if (typeof value !== "object" || value === null) return value;
  const dropped = /^(radix-tree|idmp|iids|pids|nacked-count)/;
  const times = /^(seen-time|active-time)$/;
  const kept = Object.entries(value).filter(
    ([name]) => !dropped.test(name) && !(timeless && times.test(name)),
  );
  return Object.fromEntries(
    kept.map(([name, inner]) => [
      name,
      isPending(name) && timeless ? coarse(inner) : plain(inner, timeless),
    ]),
  );
}

const isPending = (name: string): boolean => name === "pel" || name === "pending";

/** Pending entries without when they were delivered. */
function coarse(rows: unknown): unknown {
  if (!Array.isArray(rows)) return rows;
  return rows.map((row: unknown[]) =>
    plain(
      row.filter((cell) => typeof cell !== "number" || cell < 1e9),
      true,
    ),
  );
}

function known(
  ask: (argv: string[]) => Promise<unknown>,
  key: string,
  timeless: boolean,
): Promise<unknown> {
  return ask(["XINFO", "STREAM", key, "FULL", "COUNT", "0"]).then((info) => plain(info, timeless));
}

const SERVERS: ServerName[] = ["redis-server 7.0", "redis-server 8.2"];

for (const name of SERVERS) {
  describe(`moving to and from ${name}`, () => {
    let server: Server;
    const connected = async (): Promise<ServerEndpoint> => {
      server ??= await startServer(name);
      await server.flush();
      return await ServerEndpoint.connect(server.url);
    };
    after(() => server?.stop());

    it("pulls streams by DUMP, and pushes them back", async () => {
      const redis = await connected();
      await fill(redis, "orders", 1000);
      await fill(redis, "other", 100);
      await redis.ask(["SET", "plain", "no stream"]);
      const dir = fresh();
      assert.deepEqual(eddyline("pull", server.url, "--all", "--dir", dir), {
        status: 0,
        out: "",
        err: "",
      });
      {
        await using db = await Eddyline.open(`file:${dir}`);
        const here = (argv: string[]) => db.withBytes().sendCommand(argv);
        assert.deepEqual(plain(await here(["KEYS", "*"]), false), ["orders", "other"]);
        for (const key of ["orders", "other"])
          assert.deepEqual(
            await known(here, key, name === "redis-server 7.0"),
            await known((argv) => redis.ask(argv), key, name === "redis-server 7.0"),
          );
        assert.ok(Number(await db.sendCommand(["PTTL", "orders"])) > 800_000);
      }
      const was = await known((argv) => redis.ask(argv), "orders", true);
      await server.flush();
      assert.equal(eddyline("push", server.url, "orders", "--dir", dir).status, 0);
      assert.deepEqual(await known((argv) => redis.ask(argv), "orders", true), was);
      await redis.close();
    });

    it("pulls and pushes in pages where DUMP and RESTORE are refused", async () => {
      const redis = await connected();
      await fill(redis, "orders", 2600);
      await redis.ask([
        "ACL",
        "SETUSER",
        "guest",
        "on",
        ">secret",
        "~*",
        "+@all",
        "-dump",
        "-restore",
      ]);
      const url = server.url.replace("redis://", "redis://guest:secret@");
      const dir = fresh();
      assert.deepEqual(eddyline("pull", url, "orders", "--dir", dir), {
        status: 0,
        out: "",
        err: "",
      });
      const there = await known((argv) => redis.ask(argv), "orders", true);
      {
        await using db = await Eddyline.open(`file:${dir}`);
        assert.deepEqual(
          await known((argv) => db.withBytes().sendCommand(argv), "orders", true),
          there,
        );
        assert.deepEqual(await db.sendCommand(["KEYS", "*"]), ["orders"]);
        const pending = await db.xPendingRange("orders", "billing", "-", "+", 100);
        const rows = (await redis.ask(["XPENDING", "orders", "billing", "-", "+", "100"])) as [
          Uint8Array,
          Uint8Array,
          number,
          number,
        ][];
        for (const [at, [, , idle]] of rows.entries())
          assert.ok(Math.abs((pending[at]?.millisecondsSinceLastDelivery ?? 0) - idle) < 60_000);
      }
      await server.flush();
      assert.equal(eddyline("push", url, "orders", "--dir", dir).status, 0);
      assert.deepEqual(await known((argv) => redis.ask(argv), "orders", true), there);
      await redis.close();
    });

    it("goes on where it was interrupted", async () => {
      const redis = await connected();
      await fill(redis, "orders", 30_000);
      await fill(redis, "small", 10);
      await redis.ask(["ACL", "SETUSER", "guest", "on", ">secret", "~*", "+@all", "-dump"]);
      const url = server.url.replace("redis://", "redis://guest:secret@");
      const dir = fresh();
      for (const delayMs of [600, 900]) {
        const child = spawn(process.execPath, [PROGRAM, "pull", url, "--all", "--dir", dir]);
        const gone = new Promise((resolve) => child.once("close", resolve));
        await sleep(delayMs);
        child.kill("SIGKILL");
        await gone;
      }
      assert.deepEqual(eddyline("pull", url, "--all", "--dir", dir), {
        status: 0,
        out: "",
        err: "",
      });
      await using db = await Eddyline.open(`file:${dir}`);
      assert.deepEqual(((await db.sendCommand(["KEYS", "*"])) as string[]).sort(), [
        "orders",
        "small",
      ]);
      assert.deepEqual(
        await known((argv) => db.withBytes().sendCommand(argv), "orders", true),
        await known((argv) => redis.ask(argv), "orders", true),
      );
      await redis.close();
    });

    it("shows a person how far it is", { skip: !existsSync("/usr/bin/script") }, async () => {
      const redis = await connected();
      await fill(redis, "orders", 100);
      await fill(redis, "other", 100);
      const dir = fresh();
      const pulled = shown("pull", server.url, "orders", "other", "--dir", dir);
      assert.match(pulled, /\[\.{20}\] 0 of 2 streams, 0 entries, 0 bytes: orders/);
      assert.match(pulled, /2 streams copied \(0 entries in pages, [\d.]+ kB in dumps\)\r\n$/);
      assert.match(shown("pull", server.url, "--all", "--dir", dir), /; 2 were there already\r\n$/);
      await server.flush();
      assert.match(shown("push", server.url, "--all", "--dir", dir), /0 streams, 0 entries/);
      assert.equal(await redis.ask(["EXISTS", "orders", "other"]), 2);
      await redis.close();
    });

    it("says what is wrong", async () => {
      const redis = await connected();
      const refused = (words: string[], status: number, text: RegExp) => {
        const run = eddyline(...words);
        assert.deepEqual([run.status, run.out], [status, ""]);
        assert.match(run.err, text);
      };
      const dir = fresh();
      refused(["pull", server.url, "none", "--dir", dir], 1, /ERR no such key/);
      refused(
        ["pull", "redis://127.0.0.1:1", "x", "--dir", dir],
        1,
        /127.0.0.1:1 cannot be reached/,
      );
      refused(["pull", server.url, "--dir", dir], 2, /or --all/);
      refused(["pull", server.url, "x"], 2, /--dir/);
      await redis.ask(["SET", "plain", "x"]);
      refused(["pull", server.url, "plain", "--dir", dir], 1, /WRONGTYPE/);
      const wrong = server.url.replace("redis://", "redis://nobody:wrong@");
      refused(["pull", wrong, "--all", "--dir", dir], 1, /WRONGPASS/);
      await redis.close();
    });
  });
}
