/** `eddyline pull` and `eddyline push`, beside real Redis servers of two versions. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { ServerEndpoint } from "../../pkg/src/transfer/endpoint.ts";
import { freePort } from "../free-port.ts";
import { Relay } from "./relay.ts";
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

    for (const [end, isServers] of [
      ["the program is killed", false],
      ["the server goes", true],
    ] as const) {
      it(`goes on where it was interrupted when ${end} in the middle`, async () => {
        const redis = await connected();
        await fill(redis, "orders", 30_000);
        await fill(redis, "small", 10);
        await redis.ask(["ACL", "SETUSER", "guest", "on", ">secret", "~*", "+@all", "-dump"]);
        await using relay = await Relay.open(server.port);
        const url = `redis://guest:secret@127.0.0.1:${relay.port}`;
        const dir = fresh();
        let copied = 0;
        for (const pages of [12, 25]) {
          const child = spawn(process.execPath, [PROGRAM, "pull", url, "--all", "--dir", dir]);
          const gone = new Promise<number | null>((resolve) => child.once("close", resolve));
          await relay.asked("XRANGE", pages);
          if (isServers) relay.cut();
          else child.kill("SIGKILL");
          assert.equal(await gone, isServers ? 1 : null);
          await using db = await Eddyline.open(`file:${dir}`);
          const keys = (await db.sendCommand(["KEYS", "*"])) as string[];
          assert.ok(!keys.includes("orders"), "not under its name before it is whole");
          const unfinished = keys.find((key) => key.startsWith("eddyline:unfinished:")) ?? "";
          const before = copied;
          copied = await db.xLen(unfinished);
          assert.ok(copied > before && copied < 29_000, `${copied} entries`);
        }
        relay.forget();
        // The relay works in this process, so it must not be held up.
        const last = spawn(process.execPath, [PROGRAM, "pull", url, "--all", "--dir", dir]);
        assert.deepEqual(await once(last, "close"), [0, null]);
        // A small page to begin with, full ones, and that of the small stream: nothing twice.
        assert.ok(relay.count("XRANGE") <= (30_000 - copied) / 500 + 4);
        await using db = await Eddyline.open(`file:${dir}`);
        const keys = (await db.sendCommand(["KEYS", "*"])) as string[];
        assert.deepEqual(keys.sort(), ["orders", "small"]);
        const here = (argv: string[]) => db.withBytes().sendCommand(argv);
        const there = (argv: string[]) => redis.ask(argv);
        for (const key of keys) {
          assert.deepEqual(await known(here, key, true), await known(there, key, true));
          const all = ["XRANGE", key, "-", "+"];
          assert.deepEqual(plain(await here(all), false), plain(await there(all), false));
        }
        await redis.close();
      });
    }

    it("pushes in pages what is too large to go whole", async () => {
      const redis = await connected();
      const dir = fresh();
      const random = randomBytes(700_000).toString("base64");
      {
        await using db = await Eddyline.open(`file:${dir}`);
        await db.xGroupCreate("large", "group", "0", { MKSTREAM: true });
        for (let n = 1; n <= 40; n++)
          await db.xAdd("large", `${n}-1`, { text: `${n}${random.slice(n)}` });
        await db.xReadGroup("group", "consumer", { key: "large", id: ">" }, { COUNT: 3 });
        assert.ok(Number(await db.sendCommand(["MEMORY", "USAGE", "large"])) > 32 << 20);
      }
      const pushed = eddyline("push", server.url, "large", "--dir", dir, "--json");
      assert.equal(pushed.err, "");
      const { paged, entries, bytes } = JSON.parse(pushed.out) as Record<string, number>;
      assert.deepEqual([paged, entries, bytes], [1, 40, 0]);
      await using db = await Eddyline.open(`file:${dir}`);
      const here = (argv: string[]) => db.withBytes().sendCommand(argv);
      const there = (argv: string[]) => redis.ask(argv);
      assert.deepEqual(await known(there, "large", true), await known(here, "large", true));
      for (const id of ["1-1", "23-1", "40-1"]) {
        const one = ["XRANGE", "large", id, id];
        assert.deepEqual(plain(await there(one), false), plain(await here(one), false));
      }
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

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe("moving over TLS", { skip: !hasOpenssl }, () => {
  it("goes to a server whose certificate is trusted, and to no other", async () => {
    const folder = fresh();
    mkdirSync(folder);
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const made = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
    ]);
    assert.equal(made.status, 0, made.stderr.toString());
    const secure = await startSecureServer(key, certificate);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
    for (const host of ["127.0.0.1", "localhost"]) {
      const url = `rediss://${host}:${secure.tlsPort}`;
      const redis = await ServerEndpoint.connect(`redis://127.0.0.1:${secure.port}`);
      await redis.ask(["FLUSHALL"]);
      await fill(redis, "orders", 1000);
      const was = await known((argv) => redis.ask(argv), "orders", true);
      const dir = fresh();
      const distrusted = eddyline("pull", url, "--all", "--dir", fresh());
      assert.equal(distrusted.status, 1);
      assert.match(distrusted.err, /self-signed certificate/);
      const run = (...words: string[]) => {
        const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], { env });
        assert.deepEqual([status, stderr.toString()], [0, ""]);
      };
      run("pull", url, "--all", "--dir", dir);
      await redis.ask(["FLUSHALL"]);
      run("push", url, "orders", "--dir", dir);
      assert.deepEqual(await known((argv) => redis.ask(argv), "orders", true), was);
      await redis.close();
    }
    await secure.stop();
  });
});

/** A redis-server that listens with TLS, too. */
async function startSecureServer(key: string, certificate: string) {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const options = {
    ...{ port, bind: "127.0.0.1", save: "", "tls-port": tlsPort, "tls-auth-clients": "no" },
    ...{ "tls-key-file": key, "tls-cert-file": certificate, "tls-ca-cert-file": certificate },
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const child = spawn(process.env.EDDYLINE_REDIS_SERVER ?? "redis-server", words);
  const gone = once(child, "exit");
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  let said = "";
  for await (const bytes of child.stdout) {
    said += String(bytes);
    if (said.includes("Ready to accept connections")) break;
  }
  assert.match(said, /Ready to accept connections/);
  const stop = async (): Promise<void> => {
    end();
    await gone;
    process.off("exit", end);
  };
  return { port, tlsPort, stop };
}
