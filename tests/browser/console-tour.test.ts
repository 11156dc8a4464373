/** The playground in Chromium, on both back ends: the feed is shared to the last event. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Eddyline } from "eddyline";
import { openPage, type WatchedPage } from "./chromium.ts";
import { startTab, startWorker } from "./console-back-end.ts";
import { takePicture } from "./console-pictures.ts";
import { stageOf } from "./console-stage.ts";
import { lastCommand, openConsole } from "./console-steps.ts";

for (const start of [startTab, startWorker]) {
  describe(`the playground on ${start === startTab ? "the engine in the tab" : "the Worker"}`, () => {
    const stage = stageOf(start);

    async function openTour(): Promise<WatchedPage> {
      const watched = await openPage(stage.browser);
      await openConsole(watched.page, stage.backEnd);
      await watched.page.getByRole("link", { name: "Playground" }).click();
      return watched;
    }

    test("the feed is shared to the last event, though a consumer stops at work", async () => {
      await using watched = await openTour();
      const { page } = watched;
      await page.getByLabel("Pace").selectOption("100");
      await page.getByRole("button", { name: "Play", disabled: false }).click();
      const ben = page.locator("[data-consumer=ben]");
      await ben.locator(".held li").nth(5).waitFor();
      await page.getByRole("button", { name: "Show the feed's commands" }).click();
      const commands = page.getByRole("region", { name: "The feed's commands" });
      await commands
        .getByText(/^XADD earthquakes \d+-\d+ .*mag /)
        .first()
        .waitFor();
      await commands
        .getByText(/^XREADGROUP GROUP seismologists .* STREAMS earthquakes >$/)
        .first()
        .waitFor();
      await commands
        .getByText(/^XACK earthquakes seismologists \d/)
        .first()
        .waitFor();
      assert.ok((await commands.locator("li").count()) <= 12);
      await page.getByRole("button", { name: "Stop ben" }).click();
      await ben.locator(".left").waitFor();
      if (stage.backEnd.name === "tab") await takePicture(page, "consumer-stopped");
      await page.getByRole("button", { name: "Hand over what ben left" }).click();
      await ben.locator(".held li").first().waitFor({ state: "detached" });
      await page.getByLabel("Pace").selectOption("500");
      await page.getByRole("button", { name: "Start ben" }).click();
      await page.getByText("agrees with the file to the last event").waitFor({ timeout: 60_000 });
      await page.locator("[data-fact=acknowledged]", { hasText: "1,707" }).waitFor();
      await page.getByRole("link", { name: "Look at the stream" }).click();
      await page.locator(".virtual-row").first().waitFor();
      const ids = await page.locator(".virtual-row .id").allTextContents();
      assert.equal(ids[0], "1517966773840-0");
      assert.deepEqual(ids, ids.toSorted().reverse());
      await page.locator("[data-fact=length]", { hasText: "1,707" }).waitFor();
      assert.deepEqual(watched.complaints, []);
    });

    test("the guide leads from the first entry to a claim, and goes on while one looks elsewhere", async () => {
      await using watched = await openTour();
      const { page } = watched;
      const lesson = (title: string) => page.getByRole("heading", { name: title, exact: true });
      const press = (name: string | RegExp) =>
        page.locator(".guide").getByRole("button", { name }).click();
      const startOver = page.getByRole("button", { name: "Start over" });
      await startOver
        .or(page.getByRole("button", { name: "Begin" }))
        .first()
        .waitFor();
      if (await startOver.isVisible()) await startOver.click();
      await press("Begin");
      await lesson("Stop one at work").waitFor();
      await press(/^Interrupt /);
      await lesson("Look at what is pending").waitFor();
      const listed = page.locator(".guide-pending tbody tr");
      await listed.first().waitFor();
      assert.equal(await listed.first().locator("td").last().textContent(), "1");
      if (stage.backEnd.name === "tab") await takePicture(page, "tour");
      await page.getByRole("link", { name: "All of the group" }).click();
      await page.getByRole("article", { name: "Group seismologists" }).waitFor();
      await page.getByRole("link", { name: "Playground" }).click();
      await lesson("Look at what is pending").waitFor();
      await press("Next");
      await lesson("Claim it").waitFor();
      await press("Claim it now");
      await lesson("To the last event").waitFor();
      await lastCommand(page)
        .filter({ hasText: /^XCLAIM earthquakes seismologists / })
        .waitFor();
      await press(/^Let /);
      await page.locator('.consumer[data-working="false"]').waitFor({ state: "detached" });
      assert.deepEqual(watched.complaints, []);
    });

    test("the feed starts over", async () => {
      await using watched = await openTour();
      const { page } = watched;
      const startOver = page.getByRole("button", { name: "Start over" });
      const play = page.getByRole("button", { name: "Play", disabled: false });
      await startOver.or(play).waitFor();
      if (await startOver.isVisible()) await startOver.click();
      await play.click();
      await page.locator(".held li").first().waitFor();
      await startOver.click();
      await page.locator("[data-fact=appended]", { hasText: /^0 / }).waitFor();
      await play.click();
      await page.locator(".held li").first().waitFor();
      assert.deepEqual(watched.complaints, []);
    });

    if (start === startWorker) {
      test("a page that is opened again finds how far the feed has got", async () => {
        await using db = await Eddyline.open(stage.backEnd.origin, { token: stage.backEnd.token });
        await db.del("earthquakes");
        await using watched = await openTour();
        const { page } = watched;
        await page.getByLabel("Pace").selectOption("100");
        await page.getByRole("button", { name: "Play", disabled: false }).click();
        const ben = page.locator("[data-consumer=ben]");
        await ben.locator(".held li").nth(5).waitFor();
        await page.getByRole("button", { name: "Stop ben" }).click();
        await page.getByRole("button", { name: "Pause" }).click();
        const left = await ben.locator(".held li").count();
        await page.reload();
        await page.getByRole("button", { name: "Go on" }).waitFor();
        assert.equal(await ben.locator(".held li").count(), left);
        await page.getByLabel("Pace").selectOption("500");
        await page.getByRole("button", { name: "Go on" }).click();
        await page.getByText("agrees with the file to the last event").waitFor({ timeout: 60_000 });
        assert.deepEqual(watched.complaints, []);
      });
    }
  });
}
