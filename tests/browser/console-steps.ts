/** What a person does in the console, as functions for its tests. */

import type { Locator, Page } from "playwright-core";
import type { BackEnd } from "./console-back-end.ts";

/** Opens the page and connects it to the back end, so that the list of streams is in view. */
export async function openConsole(page: Page, backEnd: BackEnd): Promise<void> {
  await page.goto(backEnd.address);
  if (backEnd.name === "tab") await page.getByRole("button", { name: "An empty engine" }).click();
  await page.getByRole("heading", { name: "Streams", exact: true }).waitFor();
}

/** Opens the stream `name` from the list. */
export async function chooseStream(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name of a stream").fill(name);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.locator("h1", { hasText: name }).waitFor();
}

/** Goes to a part of the stream. */
export async function openTab(page: Page, name: string): Promise<void> {
  const parts = page.getByRole("navigation", { name: "Parts of the stream" });
  await parts.getByRole("link", { name }).click();
}

/** The rows of the list in view. */
export function rows(page: Page): Locator {
  return page.locator(".virtual-row");
}

/** Fills the form: field names and values, and an ID of one's own. */
export async function fillEntry(
  page: Page,
  fields: Record<string, string>,
  id = "*",
): Promise<void> {
  const form = page.getByLabel("Field 1", { exact: true });
  if (!(await form.isVisible())) await page.getByRole("button", { name: "Add an entry" }).click();
  const pairs = Object.entries(fields);
  while ((await page.locator(".pair-row").count()) < pairs.length) {
    await page.getByRole("button", { name: "+ field" }).click();
  }
  for (const [index, [field, value]] of pairs.entries()) {
    await page.getByLabel(`Field ${index + 1}`, { exact: true }).fill(field);
    await page.getByLabel(`Value ${index + 1}`, { exact: true }).fill(value);
  }
  await page.getByLabel("ID", { exact: true }).fill(id);
}

/** Adds an entry and waits until the page says so. */
export async function addEntry(
  page: Page,
  fields: Record<string, string>,
  id?: string,
): Promise<void> {
  await fillEntry(page, fields, id);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText(id === undefined ? "Added as" : `Added as ${id}`).waitFor();
}

/** Asks for a group that begins at the stream's first entry. */
export async function createGroup(page: Page, name: string): Promise<void> {
  await openTab(page, "Groups");
  await page.getByLabel("Name of a new group").fill(name);
  await page.getByRole("button", { name: "Create" }).click();
}

/** Types commands, each when the one before is answered. */
export async function runCommands(page: Page, lines: readonly string[]): Promise<void> {
  await page.getByRole("link", { name: "Command line" }).click();
  for (const line of lines) {
    const answered = page.locator('.exchange[data-state="answered"]');
    const before = await answered.count();
    await page.getByRole("combobox", { name: "Command" }).fill(line);
    await page.keyboard.press("Enter");
    await answered.nth(before).waitFor();
  }
}

/** The command behind the last action, as the strip at the bottom shows it. */
export function lastCommand(page: Page): Locator {
  return page.locator(".dock-toggle .command-text");
}
