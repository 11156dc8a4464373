/** The console in two tabs with one `idb://` database: what the one can that leads, and the other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { openPage } from "./chromium.ts";
import { startTab } from "./console-back-end.ts";
import { stageOf } from "./console-stage.ts";
import { runCommands } from "./console-steps.ts";

const stage = stageOf(startTab);

async function openDatabase(page: Page): Promise<void> {
  await page.goto(stage.backEnd.origin);
  await page.getByLabel("Name of the database").fill("shared");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.getByRole("link", { name: "Command line" }).click();
}

async function type(page: Page, line: string): Promise<void> {
  await page.getByRole("combobox", { name: "Command" }).fill(line);
  await page.keyboard.press("Enter");
}

test("transactions go over either tab, channels are heard where the engine is", async () => {
  await using watched = await openPage(stage.browser);
  const leader = watched.page;
  await openDatabase(leader);
  await runCommands(leader, ["PING"]);
  const follower = await leader.context().newPage();
  await openDatabase(follower);
  for (const [n, page] of [leader, follower].entries())
    await runCommands(page, ["MULTI", `XADD tabs ${n + 1}-1 a b`, "XLEN tabs", "EXEC"]);
  await follower.locator(".reply").getByText("(integer) 2").waitFor();
  await type(leader, "SUBSCRIBE news");
  await leader.getByText("(integer) 1").last().waitFor();
  await type(follower, "SUBSCRIBE news");
  await follower
    .getByText("(error) messages of channels reach only the tab whose engine does the work")
    .waitFor();
  await runCommands(follower, ["PUBLISH news hello"]);
  await leader.getByText('"hello"').waitFor();
  assert.deepEqual(watched.complaints, []);
});
