/** `eddyline check`: it finds what is wrong with a folder, and mends what it can. */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { LocalTransport } from "../../pkg/src/local.ts";
import { readText } from "../../pkg/src/resp.ts";
import { SqliteStorage } from "../../pkg/src/storage/sqlite.ts";
import { runProgram } from "./served.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-check-"));
after(() => rmSync(root, { recursive: true }));

const ENTRIES = 700;
const FILE = "eddyline.sqlite";
const SECOND_SEGMENT = "kind = 3 AND number = (SELECT min(number) + 1 FROM blob WHERE kind = 3)";

describe("eddyline check", () => {
  const whole = join(root, "whole");
  let folders = 0;

  before(async () => {
    const db = await Eddyline.open(`file:${whole}`);
    await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    for (let n = 1; n <= ENTRIES; n++) await db.xAdd("s", `${n}-1`, { text: "x".repeat(900) });
    await db.xReadGroup("g", "c", { key: "s", id: ">" }, { COUNT: 10 });
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
    assert.match(
      out,
      /^key "s" of database 0: \d+ entries after \d+-1 and before \d+-1 are lost: checksum does not match at byte 1 of segment \d+ of stream \d+$/m,
    );
    const [, lost, last, next] = /: (\d+) entries after (\d+)-1 and before (\d+)-1/.exec(out) ?? [];
    assert.equal(Number(next) - Number(last) - 1, Number(lost), "to the entry");
    assert.match(out, new RegExp(`3 keys, ${ENTRIES + 1 - Number(lost)} entries, .*: damaged\n$`));
  });

  it("keeps all that can be read when it is told to repair, and the old file", async () => {
    const folder = folderWith((database) => flip(database, "blob", SECOND_SEGMENT));
    const { code, out } = await runProgram("check", folder, "--repair");
    assert.equal(code, 0, out);
    const [, lost, last] = /: (\d+) entries after (\d+)-1 and before/.exec(out) ?? [];
    assert.match(
      out,
      /^repaired: what can be read is in a new file; the old one is eddyline\.sqlite\.damaged-1$/m,
    );
    assert.match(out, /: sound\n$/);
    assert.ok(existsSync(join(folder, "eddyline.sqlite.damaged-1")));
    assert.match((await runProgram("check", folder)).out, /3 keys, .*: sound\n$/);
    await using db = await Eddyline.open(`file:${folder}`);
    await using old = await Eddyline.open(`file:${whole}`);
    const isLost = (id: string) => {
      const n = Number(id.split("-")[0]);
      return n > Number(last) && n <= Number(last) + Number(lost);
    };
    const all = (await old.xRange("s", "-", "+")).filter(({ id }) => !isLost(id));
    assert.deepEqual(await db.xRange("s", "-", "+"), all);
    const [groups, infos] = [await db.xInfoGroups("s"), await old.xInfoGroups("s")];
    assert.deepEqual(groups, infos);
    assert.deepEqual(
      (await db.xPending("s", "g")).consumers,
      (await old.xPending("s", "g")).consumers,
    );
    const counters = async (of: Eddyline) => {
      const info = await of.xInfoStream("s");
      return [info["last-generated-id"], info["entries-added"], info["max-deleted-entry-id"]];
    };
    assert.deepEqual(await counters(db), await counters(old));
  });

  it("says that a segment is missing", async () => {
    const folder = folderWith((database) =>
      database.exec(
        "DELETE FROM blob WHERE kind = 3 AND number = (SELECT min(number) FROM blob WHERE kind = 3)",
      ),
    );
    const { code, out } = await runProgram("check", folder);
    assert.equal(code, 1);
    assert.match(
      out,
      /entries after - and before \d+-1 are lost: segment \d+ of stream \d+ is missing/,
    );
  });

  it("names a blob without which nothing opens", async () => {
    for (const [where, says] of [
      ["kind = 0 AND number = 0", /of meta/],
      ["kind = 1", /of (key|stream) \d+/],
      ["kind = 2", /of group \d+ of stream \d+/],
    ] as const) {
      const folder = folderWith((database) =>
        flip(
          database,
          "blob",
          `${where} AND (kind, stream, number) = (SELECT kind, stream, number FROM blob WHERE ${where} LIMIT 1)`,
        ),
      );
      const { code, out } = await runProgram("check", folder, "--repair");
      assert.equal(code, 1, where);
      assert.match(out, says);
      assert.match(out, /0 keys, 0 entries, \d+ journal batches: damaged\n$/);
    }
  });

  it("cuts a journal that cannot be replayed after its last whole batch, when told to", async () => {
    const last = "number = (SELECT max(number) - 1 FROM journal)";
    const folder = folderWith((database) => flip(database, "journal", `part = 0 AND ${last}`));
    await assert.rejects(Eddyline.open(`file:${folder}`), { code: "STORAGE" });
    const found = await runProgram("check", folder);
    assert.equal(found.code, 1);
    assert.match(
      found.out,
      /checksum .* of the journal batch .*; without the last 2 of \d+ journal batches the rest opens/,
    );
    assert.match(found.out, /: damaged\n$/);
    await assert.rejects(
      Eddyline.open(`file:${folder}`),
      { code: "STORAGE" },
      "it was only looked at",
    );
    const repaired = await runProgram("check", folder, "--repair");
    assert.equal(repaired.code, 0);
    assert.match(repaired.out, /^repaired: the last 2 journal batches are cut off\n.*: sound\n$/s);
    assert.match((await runProgram("check", folder)).out, /: sound\n$/);
    await using db = await Eddyline.open(`file:${folder}`);
    assert.equal(await db.xLen("s"), ENTRIES);
    await db.xAdd("s", "*", { a: "goes on" });
    const keyspace = await db.sendCommand(["INFO", "keyspace"]);
    assert.doesNotMatch(`${keyspace}`, /db3/, "the two batches that were cut");
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
