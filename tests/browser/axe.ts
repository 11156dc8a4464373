/** What axe finds in a page, shadow trees included. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";

/** How a page is opened that axe is to look at. */
export function forAxe(colorScheme: "light" | "dark", width: number): BrowserContextOptions {
  return {
    colorScheme,
    viewport: { width, height: 800 },
    // A colour on its way to another is no contrast to measure.
    reducedMotion: "reduce",
    // Of the page, not of its tester.
    bypassCSP: true,
  };
}

/** Puts axe into the page. */
export async function addAxe(page: Page): Promise<void> {
  const path = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));
  await page.evaluate(await readFile(path, "utf8"));
}

/** What it finds, in words. */
export async function violations(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" | ")}`,
  );
}
