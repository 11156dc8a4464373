/** `file:` keyspaces: what stays in the folder, who may open it, and what happens when it is full. */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it, mock } from "node:test";
import { pathToFileURL } from "node:url";
import { Eddyline, type OpenOptions } from "../src/entry/node.ts";
import { SqliteStorage } from "../src/storage/sqlite.ts";

const entry = new URL("../src/entry/node.ts", import.meta.url).href;
const root = mkdtempSync(join(tmpdir(), "eddyline-folder-"));
after(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = () => join(root, `${++folders}`, "nested");

/** A program that opens the folder. */
const opening = (folder: string, then: string) => `
  import { Eddyline } from ${JSON.stringify(entry)};
  const db = await Eddyline.open(${JSON.stringify(`file:${folder}`)});
  ${then}`;
const nodeArguments = (program: string) => ["--input-type=module", "--eval", program];

/** Runs a program; what it printed, or how it failed. */
function run(program: string, ...flags: string[]): Promise<string> {
  return new Promise((resolve) => {
    const args = [...flags, ...nodeArguments(program)];
    execFile(process.execPath, args, (_, out, err) => resolve(out + err));
  });
}

describe("a keyspace in a folder", () => {
  it("is there when it is opened again, by path and by URL", async () => {
    const folder = newFolder();
    const first = await Eddyline.open(`file:${folder}`);
    await first.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    await first.xAdd("s", "1-1", { a: "1" });
    await first.xReadGroup("g", "c", { key: "s", id: ">" });
    await first.close();
    await using again = await Eddyline.open(pathToFileURL(folder).href);
    assert.deepEqual(await again.xRange("s", "-", "+"), [{ id: "1-1", message: { a: "1" } }]);
    assert.equal((await again.xPending("s", "g")).pending, 1);
  });

  for (const appendfsync of ["always", "everysec", "no"] as const) {
    it(`may be many times larger than memory, appendfsync ${appendfsync}`, async () => {
      const address = `file:${newFolder()}`;
      const options: OpenOptions = { appendfsync, maxResidentBytes: 300_000 };
      const db = await Eddyline.open(address, options);
      const text = "x".repeat(5000);
      for (let n = 1; n <= 600; n++) await db.xAdd("s", `${n}-1`, { text });
      assert.equal((await db.xRange("s", "-", "+")).length, 600);
      await db.close();
      await using again = await Eddyline.open(address, options);
      const first = await again.xRange("s", "-", "+", { COUNT: 1 });
      assert.deepEqual(first?.[0], { id: "1-1", message: { text } });
      assert.equal(await again.xLen("s"), 600);
    });
  }

  it("says what its policy is, and takes another one", async () => {
    const set = mock.method(SqliteStorage.prototype, "setAppendfsync");
    try {
      await using db = await Eddyline.open(`file:${newFolder()}`, { appendfsync: "everysec" });
      const policy = async () =>
        Object.values((await db.sendCommand(["CONFIG", "GET", "appendfsync"])) as object);
      assert.deepEqual(await policy(), ["everysec"]);
      for (const appendfsync of ["no", "everysec", "always", "everysec"]) {
        await db.sendCommand(["CONFIG", "SET", "appendfsync", appendfsync]);
        await db.xAdd("s", "*", { appendfsync });
        assert.deepEqual(await policy(), [appendfsync]);
        assert.equal(set.mock.calls.at(-1)?.arguments[0], appendfsync);
      }
      assert.equal(await db.xLen("s"), 4);
    } finally {
      set.mock.restore();
    }
  });

  it("commits once for all that one pass of the event loop brings", async () => {
    const commit = mock.method(SqliteStorage.prototype, "commit");
    try {
      await using db = await Eddyline.open(`file:${newFolder()}`);
      await db.ping();
      commit.mock.resetCalls();
      // Ten readers, each with a client and so a turn of its own.
      const reads = Array.from({ length: 10 }, (_, n) =>
        db.xReadGroup("g", `c${n}`, { key: "s", id: ">" }, { BLOCK: 0, COUNT: 1 }),
      );
      await assert.rejects(reads[0] as Promise<unknown>, { code: "NOGROUP" });
      await Promise.allSettled(reads);
      await db.xGroupCreate("s", "g", "$", { MKSTREAM: true });
      commit.mock.resetCalls();
      const waiting = Array.from({ length: 10 }, (_, n) =>
        db.xReadGroup("g", `c${n}`, { key: "s", id: ">" }, { BLOCK: 0, COUNT: 1 }),
      );
      await Promise.all([
        ...waiting,
        ...Array.from({ length: 10 }, (_, n) => db.xAdd("s", `1-${n + 1}`, { n: `${n}` })),
      ]);
      assert.equal(commit.mock.callCount(), 1);
    } finally {
      commit.mock.restore();
    }
  });
});

describe("a folder that is open", () => {
  it("is refused to another process with an error that says so, and free when that one was killed", async () => {
    const folder = newFolder();
    const program = opening(
      folder,
      `await db.xAdd("s", "1-1", { a: "1" }); console.log("open"); setInterval(() => {}, 1000);`,
    );
    const owner = spawn(process.execPath, nodeArguments(program), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(owner.stdout, "data");
    const refused = {
      name: "StorageInUseError",
      code: "IN_USE",
      message: `${folder}/eddyline.sqlite is open already, here or in another process`,
    };
    await assert.rejects(Eddyline.open(`file:${folder}`), refused);
    await assert.rejects(Eddyline.open(`file:${folder}`), refused, "the attempt took nothing");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await using db = await Eddyline.open(`file:${folder}`);
    assert.equal(await db.xLen("s"), 1);
    const other = await run(opening(folder, ""));
    assert.match(other, /StorageInUseError: .*eddyline\.sqlite is open already/);
  });

  it("is refused to the same process, and free after it was closed", async () => {
    const address = `file:${newFolder()}`;
    const db = await Eddyline.open(address);
    await assert.rejects(Eddyline.open(address), { code: "IN_USE" });
    assert.equal(await db.xAdd("s", "1-1", { a: "1" }), "1-1");
    await db.close();
    const again = await Eddyline.open(address);
    assert.equal(await again.xLen("s"), 1);
    await again.close();
  });

  it("keeps no process alive, and loses nothing when the process ends without closing it", async () => {
    const folder = newFolder();
    const out = await run(opening(folder, `console.log(await db.xAdd("s", "1-1", { a: "1" }));`));
    assert.equal(out, "1-1\n");
    await using db = await Eddyline.open(`file:${folder}`);
    assert.equal(await db.xLen("s"), 1);
  });
});

describe("a folder that cannot be used", () => {
  it("says which Node it needs", async () => {
    const out = await run(opening(newFolder(), ""), "--no-experimental-sqlite");
    assert.match(
      out,
      /UnsupportedError: file: storage needs Node 22\.13 or newer; this is Node \d/,
    );
    assert.match(out, /code: 'UNSUPPORTED'/);
    const memory = `import { Eddyline } from ${JSON.stringify(entry)};
      console.log(await (await Eddyline.open("memory://")).ping());`;
    assert.equal(await run(memory, "--no-experimental-sqlite"), "PONG\n");
  });

  it("says that the file is no database", async () => {
    const folder = root;
    writeFileSync(join(folder, "eddyline.sqlite"), "something else entirely".repeat(1000));
    await assert.rejects(Eddyline.open(`file:${folder}`), {
      code: "STORAGE",
      message: `${folder}/eddyline.sqlite: file is not a database`,
    });
  });

  it("says that a folder's path is a file", async () => {
    const file = join(root, "a file");
    writeFileSync(file, "");
    await assert.rejects(Eddyline.open(`file:${file}`), { code: "STORAGE", message: /a file/ });
  });

  it("says that the disk is full, keeps what was acknowledged, and goes on", async () => {
    const { exec } = DatabaseSync.prototype;
    const small = mock.method(
      DatabaseSync.prototype,
      "exec",
      function (this: DatabaseSync, sql: string) {
        exec.call(this, sql);
        if (sql.includes("journal_size_limit")) exec.call(this, "PRAGMA max_page_count = 100");
      },
    );
    try {
      await using db = await Eddyline.open(`file:${newFolder()}`);
      let length = 0;
      const add = () => db.xAdd("s", `${length + 1}-1`, { text: "x".repeat(9000) });
      await assert.rejects(
        async () => {
          for (; length < 100; length++) await add();
        },
        { name: "StorageFullError", code: "STORAGE_FULL" },
      );
      assert.ok(length > 10);
      assert.equal(await db.xLen("s"), length);
      assert.equal((await db.xRange("s", "-", "+")).length, length);
    } finally {
      small.mock.restore();
    }
  });
});
