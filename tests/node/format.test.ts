/** The golden files of every version of the formats (`tests/format`) open, with all that is in them. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { bytesOf, examples, Golden } from "../format/examples.ts";
import { stateIn } from "../format/state.ts";
import { runProgram } from "./served.ts";

const golden = new URL("../format/", import.meta.url);
const root = mkdtempSync(join(tmpdir(), "eddyline-format-"));
after(() => rmSync(root, { recursive: true }));

const versions = readdirSync(golden, { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);

const read = (version: string, name: string) => readFileSync(new URL(`${version}/${name}`, golden));

for (const { name: version } of versions)
  describe(`version ${version}`, () => {
    for (const name of ["checkpoint", "journal", "import"]) {
      it(`opens a folder with what a ${name} writes`, async () => {
        const folder = join(root, `${version}-${name}`);
        mkdirSync(folder);
        writeFileSync(
          join(folder, "eddyline.sqlite"),
          gunzipSync(read(version, `${name}.sqlite.gz`)),
        );
        assert.match((await runProgram("check", folder)).out, /: sound\n$/);
        const state = read(version, `${name}.txt`).toString();
        assert.equal(await stateIn(folder), state);
      });
    }

    it("imports an export", async () => {
      const folder = join(root, `${version}-export`);
      const db = await Eddyline.open(`file:${folder}`);
      await db.import(new Blob([new Uint8Array(gunzipSync(read(version, "export.gz")))]).stream());
      await db.close();
      assert.equal(await stateIn(folder), read(version, "import.txt").toString());
    });
  });

describe("the document", () => {
  const shown = examples();

  it("shows a blob of every kind, a batch, and every op", () => {
    const blobs = shown.filter(({ what }) => /^\d/.test(what)).map(({ what }) => what[0]);
    assert.deepEqual([...new Set(blobs)].sort(), ["0", "1", "2", "3", "4"]);
    const ops = shown.find(({ what }) => what === "ops")?.text ?? "";
    const first = ops.split(/(?<= {2}.*\n)/).map((op) => bytesOf(op)[0]);
    const kinds = new Set(first.map((byte) => (byte ?? 0) & 0x7f));
    for (let kind = 0; kind <= 34; kind++) assert.ok(kinds.has(kind), `op ${kind}`);
  });

  for (const { file, what, text } of shown) {
    it(`says what ${what} of the golden file ${file} is`, () => {
      using golden = new Golden();
      assert.equal(text, golden.decoded(file, what));
      const database = new DatabaseSync(golden.path(file));
      const bytes = bytesOf(text);
      if (what === "ops") {
        const rows = database.prepare("SELECT bytes FROM journal").all();
        const batches = rows.map((row) => Buffer.from(row.bytes as Uint8Array));
        const parts = text.split(/(?<= {2}.*\n)/).map(bytesOf);
        for (const part of parts) assert.ok(batches.some((batch) => batch.includes(part)));
      } else {
        const [one, two, three] = what.split(" ");
        const query =
          one === "batch"
            ? `SELECT bytes FROM journal WHERE number = ${two}`
            : `SELECT bytes FROM blob WHERE kind = ${one} AND stream = ${two} AND number = ${three}`;
        const row = database.prepare(query).get();
        assert.deepEqual(bytes, Buffer.from(row?.bytes as Uint8Array));
      }
      database.close();
    });
  }

  it("is enough for a reader in another language", () => {
    using golden = new Golden();
    const said = golden.decoded("import", "").trimEnd().split("\n").slice(0, -1);
    const found = said.map((line) => {
      const [, id, texts] = JSON.parse(line) as [string, string, string[]];
      return `["${id}", [${texts.map((text) => JSON.stringify(text)).join(", ")}]]`;
    });
    const isEntry = (line: string) => /^\["\d+-\d+"/.test(line);
    const isShort = (line: string) => !/bytes|x{80}/.test(line);
    const entries = read("1", "import.txt").toString().split("\n").filter(isEntry);
    assert.equal(found.length, entries.length);
    assert.deepEqual(found.filter(isShort).sort(), entries.filter(isShort).sort());
  });
});

it("has golden files to open", () => assert.ok(versions.length > 0));
