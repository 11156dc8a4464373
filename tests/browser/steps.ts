/** What a person does on the page, as functions for its tests. */

import type { Page } from "playwright-core";

/** Opens the stream `name`. */
export async function chooseStream(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name of a stream").fill(name);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.locator("h1", { hasText: name }).waitFor();
}

/** Fills the form: field names and values, and an ID of one's own. */
export async function fillEntry(
  page: Page,
  fields: Record<string, string>,
  id = "*",
): Promise<void> {
  const pairs = Object.entries(fields);
  while ((await page.locator(".pair").count()) < pairs.length) {
    await page.getByRole("button", { name: "+ field" }).click();
  }
  for (const [index, [field, value]] of pairs.entries()) {
    await page.getByLabel(`Field ${index + 1}`, { exact: true }).fill(field);
    await page.getByLabel(`Value ${index + 1}`, { exact: true }).fill(value);
  }
  await page.getByLabel("ID").fill(id);
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
  await page.getByLabel("Name of a new group").fill(name);
  await page.getByRole("button", { name: "Create" }).click();
}
