/** `<eddyline-console>` for everybody: what axe finds in it, by keyboard alone, and where it is narrow. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Eddyline } from "eddyline";
import type { Page } from "playwright-core";
import { addAxe, forAxe, violations } from "./axe.ts";
import { elementStage } from "./console-element-stage.ts";
import { chooseStream, openTab, rows, runCommands } from "./console-steps.ts";

const stage = elementStage();

const SCREENS = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 360 },
] as const;

/** A stream with a group that has something pending. */
async function makeStream(key: string): Promise<void> {
  const { origin, token } = stage.backEnd;
  await using db = await Eddyline.open(origin, { token });
  await db.del(key);
  for (let n = 1; n <= 30; n++) await db.xAdd(key, `1-${n}`, { item: "tea", cups: String(n) });
  await db.xGroupCreate(key, "billing", "0");
  await db.xReadGroup("billing", "ana", { key, id: ">" }, { COUNT: 12 });
}

for (const { colorScheme, width } of SCREENS) {
  test(`axe finds nothing in the element, ${colorScheme}, ${width} wide`, async () => {
    await makeStream("element-axe");
    await using embedded = await stage.embed(
      stage.element(),
      stage.remotePolicy(),
      forAxe(colorScheme, width),
    );
    const { page } = embedded;
    await addAxe(page);
    const look = async (where: string) => assert.deepEqual(await violations(page), [], where);
    await rows(page).filter({ hasText: "element-axe" }).waitFor();
    await look("streams");
    await chooseStream(page, "element-axe");
    await rows(page).first().click();
    await page.locator(".fields-table").waitFor();
    await look("live");
    await openTab(page, "Groups");
    await page.locator(".plot canvas").nth(2).waitFor();
    await page.locator(".pending-table .virtual-row").first().click();
    await look("groups");
    await openTab(page, "Trim and export");
    await page.getByLabel("Trim to").fill("5");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.locator(".preview").waitFor();
    await look("manage");
    await runCommands(page, ["XINFO STREAM element-axe", "MULTI"]);
    await look("command line");
  });
}

test("the element is gone through by the keys, and left again", async () => {
  await makeStream("element-keys");
  const body = `<button id="before">Before</button>${stage.element()}<button id="behind">Behind</button>`;
  await using embedded = await stage.embed(body, stage.remotePolicy());
  const { page } = embedded;
  await rows(page).filter({ hasText: "element-keys" }).waitFor();
  await page.locator("#before").focus();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo(page, "Search streams");
  await page.keyboard.type("element-keys");
  await tabTo(page, "Streams");
  for (const key of ["Home", "Enter"]) await page.keyboard.press(key);
  await page.locator("h1", { hasText: "element-keys" }).waitFor();
  await tabTo(page, "Groups1");
  await page.keyboard.press("Enter");
  await page.getByRole("article", { name: "Group billing" }).waitFor();
  await tabTo(page, "Pending entries; Enter picks one");
  for (const key of ["Home", "Enter", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await page.getByRole("group", { name: "What to do with 2 entries" }).waitFor();
  await tabTo(page, "Acknowledge");
  for (const key of ["Enter", "Enter"]) await page.keyboard.press(key);
  await page.getByText("2 entries acknowledged.").waitFor();
  await tabTo(page, "Behind");
  assert.deepEqual(embedded.complaints, []);
});

test("nothing of the element is wider than a phone", async () => {
  await makeStream("element-narrow");
  await using embedded = await stage.embed(stage.element(), stage.remotePolicy(), {
    viewport: { width: 360, height: 740 },
  });
  const { page } = embedded;
  const fits = async (where: string) => {
    const [wide, view] = await page.evaluate(() => {
      const element = document.querySelector("eddyline-console");
      const main = element?.shadowRoot?.querySelector(".room");
      const sizes = [document.documentElement, element, main].map((one) => one?.scrollWidth ?? 0);
      return [Math.max(...sizes), document.documentElement.clientWidth] as const;
    });
    assert.ok(wide <= view, `${where}: ${wide} of ${view}`);
  };
  await rows(page).filter({ hasText: "element-narrow" }).waitFor();
  await fits("streams");
  await chooseStream(page, "element-narrow");
  for (const [tab, there] of [
    ["Live", ".virtual-row"],
    ["History", ".virtual-row"],
    ["Groups", ".pending-table"],
    ["Trim and export", ".cards"],
  ] as const) {
    await openTab(page, tab);
    await page.locator(there).first().waitFor();
    await fits(tab);
  }
  await runCommands(page, [`XRANGE element-narrow - + COUNT 2`]);
  await fits("command line");
  assert.deepEqual(embedded.complaints, []);
});

/** What has the focus, in shadow trees too: its label, or its text. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement != null) element = element.shadowRoot.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
  });
}

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, label: string): Promise<void> {
  for (let press = 0; press < 60; press++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === label) return;
  }
  assert.fail(`${label} is not in reach of the keys`);
}
