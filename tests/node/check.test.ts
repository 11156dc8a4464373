/** `eddyline check`: it finds what is wrong with a folder, and mends what it can. */

import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { LocalTransport } from "../../pkg/src/local.ts";
import { readText } from "../../pkg/src/resp.ts";
import { SqliteStorage } from "../../pkg/src/storage/sqlite.ts";
import { textOf } from "../storage/text.ts";
import { runProgram } from "./served.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-check-"));
after(() => rmSync(root, { recursive: true }));

const ENTRIES = 700;
const FILE = "eddyline.sqlite";
const SECOND_SEGMENT = "kind = 3 AND number = 1";
const LOST_SEGMENT =
  /segment 1 of stream 0 \(key "s" of database 0\): .*; (\d+) entries from (\d+)-1 to (\d+)-1 lost$/m;

describe("eddyline check", () => {
  const whole = join(root, "whole");
  let folders = 0;

  before(async () => {
    const db = await Eddyline.open(`file:${whole}`);
    await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    for (let n = 1; n <= ENTRIES; n++) {
      await db.xAdd("s", `${n}-1`, { text: textOf(n, 900) });
      if (n === 10) await db.xReadGroup("g", "c", { key: "s", id: ">" }, { COUNT: 10 });
    }
    await db.close();
    const transport = await LocalTransport.open(await SqliteStorage.open(`file:${whole}`), {});
    for (const argv of [
      ["SELECT", "3"],
      ["XADD", "other", "1-1", "a", "1"],
      ["SET", "plain", "value"],
    ])
      await transport.send(argv, readText);
    await transport.close();
  });

  /** A copy of the folder with something done to its database. */
  function folderWith(change: (database: DatabaseSync) => void): string {
    const folder = join(root, `${++folders}`);
    mkdirSync(folder);
    copyFileSync(join(whole, FILE), join(folder, FILE));
    const database = new DatabaseSync(join(folder, FILE));
    change(database);
    database.close();
    return folder;
  }

  /** Flips a bit in the middle of the bytes of one row. */
  function flip(database: DatabaseSync, table: string, where: string): void {
    const { bytes } = database.prepare(`SELECT bytes FROM ${table} WHERE ${where}`).get() ?? {};
    assert.ok(bytes instanceof Uint8Array, where);
    const middle = bytes.byteLength >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 4;
    database.prepare(`UPDATE ${table} SET bytes = ? WHERE ${where}`).run(bytes);
  }

  it("finds nothing wrong with a sound folder, and changes nothing in it", async () => {
    const sound = folderWith(() => {});
    const { code, out, err } = await runProgram("check", sound);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(
      out,
      new RegExp(`^${sound}: 3 keys, ${ENTRIES + 1} entries, \\d+ journal batches: sound\n$`),
    );
    assert.equal((await runProgram("check", sound)).out, out);
  });

  it("says which entries a damaged segment has cost, and that others are there", async () => {
    const folder = folderWith((database) => flip(database, "blob", SECOND_SEGMENT));
    const { code, out } = await runProgram("check", folder);
    assert.equal(code, 1);
    const [, lost, first, last] = LOST_SEGMENT.exec(out) ?? [];
    assert.equal(Number(last) - Number(first) + 1, Number(lost), out);
    assert.match(out, new RegExp(`3 keys, ${ENTRIES + 1 - Number(lost)} entries, .*: damaged\n$`));
    assert.equal((await runProgram("check", folder)).out, out, "it was only looked at");
  });

  it("keeps all that can be read when it is told to repair, and the old file", async () => {
    const folder = folderWith((database) => flip(database, "blob", SECOND_SEGMENT));
    const damaged = readFileSync(join(folder, FILE));
    const { code, out } = await runProgram("check", folder, "--repair");
    assert.equal(code, 0, out);
    const [, , first, last] = LOST_SEGMENT.exec(out) ?? [];
    assert.match(
      out,
      /^repaired: what can be read is in a new file; the old one is eddyline\.sqlite\.damaged-1$/m,
    );
    assert.match(out, /: sound\n$/);
    assert.ok(readFileSync(join(folder, "eddyline.sqlite.damaged-1")).equals(damaged));
    assert.match((await runProgram("check", folder)).out, /3 keys, .*: sound\n$/);
    await using db = await Eddyline.open(`file:${folder}`);
    await using old = await Eddyline.open(`file:${whole}`);
    const isLost = ({ id }: { id: string }) => {
      const n = Number(id.split("-")[0]);
      return n >= Number(first) && n <= Number(last);
    };
    const all = (await old.xRange("s", "-", "+")).filter((entry) => !isLost(entry));
    assert.deepEqual(await db.xRange("s", "-", "+"), all);
    // What is lost counts as deleted, so nobody can say any more how far the group is behind.
    const told = async (of: Eddyline) => {
      const groups = await of.xInfoGroups("s");
      return groups.map((group) => ({ ...group, lag: null }));
    };
    assert.deepEqual(await told(db), await told(old));
    assert.deepEqual(await db.xPending("s", "g"), await old.xPending("s", "g"));
    const counters = async (of: Eddyline) => {
      const info = await of.xInfoStream("s");
      return [info["last-generated-id"], info["entries-added"]];
    };
    assert.deepEqual(await counters(db), await counters(old));
  });

  for (const [what, where, loss] of [
    ["the meta blob", "kind = 0 AND number = 0", /^meta: /m],
    ["a key", "kind = 1 AND stream = 0", /^key 0 \(key "s" of database 0\): /m],
    ["a group", "kind = 2", /^group 0 of stream 0 \(key "s" of database 0\): /m],
    [
      "a page",
      "kind = 4",
      /^pending page 0 of stream 0 \(group "g"\): .*10 pending entries from 1-1 to 10-1 lost$/m,
    ],
    ["a segment", SECOND_SEGMENT, /^segment 1 of stream 0 \(key "s" of database 0\): /m],
    ["the tables' own row", "kind = 0 AND number = 1", /the (header of the )?SQLite tables /m],
  ] as const)
    for (const [how, change] of [
      ["damaged", (database: DatabaseSync) => flip(database, "blob", where)],
      ["missing", (database: DatabaseSync) => database.exec(`DELETE FROM blob WHERE ${where}`)],
    ] as const)
      it(`mends a folder of which ${what} is ${how}`, async () => {
        const folder = folderWith(change);
        assert.match((await runProgram("check", folder)).out, /: damaged\n$/);
        const { code, out } = await runProgram("check", folder, "--repair");
        assert.equal(code, 0, out);
        if (how === "damaged" || what !== "a group")
          assert.match(out.replaceAll("repaired: ", ""), loss);
        else assert.match(out, /key "s" of database 0: 1 group is missing$/m);
        assert.match((await runProgram("check", folder)).out, /3 keys, \d+ entries, .*: sound\n$/);
        await using db = await Eddyline.open(`file:${folder}`);
        const ids = (await db.xRange("s", "-", "+")).map(({ id }) => id);
        if (what === "a segment") assert.ok(ids.length > ENTRIES / 2);
        else assert.equal(ids.length, ENTRIES);
        if (what !== "a group")
          assert.equal((await db.xPending("s", "g")).pending, what === "a page" ? 0 : 10);
        assert.ok(`${await db.sendCommand(["INFO", "keyspace"])}`.includes("db3:keys=2"));
      });

  it("keeps what the journal has up to its last whole batch", async () => {
    const last = "number = (SELECT max(number) - 1 FROM journal)";
    const folder = folderWith((database) => flip(database, "journal", `part = 0 AND ${last}`));
    await assert.rejects(Eddyline.open(`file:${folder}`), { code: "STORAGE" });
    const found = await runProgram("check", folder);
    assert.equal(found.code, 1);
    const loss =
      /journal batch \d+: checksum does not match at byte 1; it and 1 batch behind it are lost\n/;
    assert.match(found.out, loss);
    assert.match(found.out, /: damaged\n$/);
    await assert.rejects(
      Eddyline.open(`file:${folder}`),
      { code: "STORAGE" },
      "it was only looked at",
    );
    const repaired = await runProgram("check", folder, "--repair");
    assert.equal(repaired.code, 0);
    assert.match(repaired.out, loss);
    assert.match((await runProgram("check", folder)).out, /: sound\n$/);
    await using db = await Eddyline.open(`file:${folder}`);
    assert.equal(await db.xLen("s"), ENTRIES);
    await db.xAdd("s", "*", { a: "goes on" });
    const keyspace = await db.sendCommand(["INFO", "keyspace"]);
    assert.doesNotMatch(`${keyspace}`, /db3/, "the two batches that were lost");
  });

  describe("when SQLite cannot read its file", () => {
    const PAGE_BYTES = 4096;

    /** A copy of the folder with something done to a page of its file. */
    function spoilt(number: number, change: (page: Buffer) => void): string {
      const folder = folderWith(() => {});
      const bytes = readFileSync(join(folder, FILE));
      change(bytes.subarray((number - 1) * PAGE_BYTES, number * PAGE_BYTES));
      writeFileSync(join(folder, FILE), bytes);
      return folder;
    }

    async function entriesAfterRepair(folder: string): Promise<{ entries: number; out: string }> {
      const { code, out } = await runProgram("check", folder, "--repair");
      assert.equal(code, 0, out);
      assert.match((await runProgram("check", folder)).out, /: sound\n$/);
      const [, entries] = / keys, (\d+) entries/.exec(out) ?? [];
      return { entries: Number(entries), out };
    }

    it("does without its first page", async () => {
      const folder = spoilt(1, (page) => page.fill(0x55));
      await assert.rejects(Eddyline.open(`file:${folder}`), { code: "STORAGE" });
      const { entries, out } = await entriesAfterRepair(folder);
      assert.equal(entries, ENTRIES + 1, out);
      assert.match(out, /^repaired: .*file is not a database$/m);
    });

    it("loses no more of any page than what was on it, and says how much", async (context) => {
      const pages = readFileSync(join(whole, FILE)).byteLength / PAGE_BYTES;
      const lost: number[] = [];
      // The tables begin on the pages 2 and 3.
      for (let page = 2; page <= pages; page += page < 4 ? 1 : 17) {
        const { entries, out } = await entriesAfterRepair(
          spoilt(page, (bytes) => bytes.fill(0xa5)),
        );
        const named = [...out.matchAll(/; (\d+) entries from .* lost$/gm)];
        const sum = named.reduce((sum, [, count]) => sum + Number(count), 0);
        const inJournal = page === 3 || /journal batch/.test(out) ? ENTRIES : 0;
        assert.ok(ENTRIES + 1 - entries <= sum + inJournal, `page ${page}: ${entries} of ${out}`);
        assert.match(out, /^repaired: .*eddyline\.sqlite/m);
        lost.push(ENTRIES + 1 - entries);
      }
      context.diagnostic(`entries lost: ${lost.join(", ")}`);
      assert.ok(Math.min(...lost) === 0 && Math.max(...lost) <= ENTRIES);
    });

    it("leaves a file alone of which it can read nothing", async () => {
      const folder = join(root, `${++folders}`);
      mkdirSync(folder);
      writeFileSync(join(folder, FILE), Buffer.alloc(3 * PAGE_BYTES, 7));
      const { code, err } = await runProgram("check", folder, "--repair");
      assert.deepEqual(
        [code, err],
        [1, `eddyline: nothing of ${join(folder, FILE)} can be read\n`],
      );
      assert.deepEqual(readdirSync(folder), [FILE]);
    });
  });

  it("does not make a folder, nor look at one that is open", async () => {
    const none = await runProgram("check", join(root, "none"));
    assert.deepEqual([none.code, none.out], [1, ""]);
    assert.equal(none.err, `eddyline: there is no ${FILE} in ${join(root, "none")}\n`);
    const folder = folderWith(() => {});
    await using db = await Eddyline.open(`file:${folder}`);
    await db.ping();
    const open = await runProgram("check", folder);
    assert.deepEqual([open.code, open.out], [1, ""]);
    assert.match(open.err, /is open already, here or in another process\n$/);
  });

  it("is told which folder, and nothing else", async () => {
    for (const words of [
      ["check"],
      ["check", "a", "b"],
      ["check", "a", "--port", "1"],
      ["serve", "--repair"],
    ]) {
      const { code, err } = await runProgram(...words);
      assert.equal(code, 2, words.join(" "));
      assert.match(
        err,
        /^eddyline: (check takes one folder|check has no --port|serve has no --repair)/,
      );
    }
  });
});
