/** What the console saves as a file, and how little it loads. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { Eddyline } from "eddyline";
import type { Page } from "playwright-core";
import { openPage } from "./chromium.ts";
import { startProgram, startTab } from "./console-back-end.ts";
import { stageOf } from "./console-stage.ts";
import { addEntry, chooseStream, openConsole, openTab } from "./console-steps.ts";

for (const start of [startTab, startProgram]) {
  describe(`export from ${start === startTab ? "the engine in the tab" : "the program"}`, () => {
    const stage = stageOf(start);

    test("as lines of JSON, as CSV, and as an archive that another engine takes", async () => {
      await using watched = await openPage(stage.browser);
      const { page } = watched;
      await openConsole(page, stage.backEnd);
      await chooseStream(page, "out/put");
      await addEntry(page, { item: 'tea, "green"', formula: "=1+1" }, "1-1");
      await addEntry(page, { item: "coffee", formula: "-3" }, "1-2");
      await openTab(page, "Trim and export");
      const lines = (await saved(page, "ndjson", "out_put.ndjson")).toString();
      assert.deepEqual(
        lines
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
        [
          {
            id: "1-1",
            fields: [
              ["item", 'tea, "green"'],
              ["formula", "=1+1"],
            ],
          },
          {
            id: "1-2",
            fields: [
              ["item", "coffee"],
              ["formula", "-3"],
            ],
          },
        ],
      );
      const rows = (await saved(page, "csv", "out_put.csv")).toString().split("\r\n");
      assert.deepEqual(rows, [
        ...["id,field,value", '1-1,item,"tea, ""green"""', "1-1,formula,'=1+1"],
        ...["1-2,item,coffee", "1-2,formula,-3", ""],
      ]);
      const archive = await saved(page, "eddyline", "out_put.eddyline");
      await using other = await Eddyline.open("memory://");
      assert.equal(await other.import([new Uint8Array(archive)]), 1);
      const entries = await other.xRange("out/put", "-", "+");
      assert.deepEqual(
        entries.map(({ id }) => id),
        ["1-1", "1-2"],
      );
      assert.deepEqual(watched.complaints, []);
    });
  });
}

/** Exports in a format; the file's content. */
async function saved(page: Page, format: string, name: string): Promise<Buffer> {
  await page.getByLabel(/^As/).selectOption(format);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), name);
  return readFile(await file.path());
}
