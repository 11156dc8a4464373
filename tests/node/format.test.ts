/** The golden files of every version of the formats (`tests/format`) open, with all that is in them. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { Eddyline } from "../../pkg/src/entry/node.ts";
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

it("has golden files to open", () => assert.ok(versions.length > 0));
