/** Pictures of the main screens for `docs/screenshots`, made where `EDDYLINE_SCREENSHOTS` says. */

import { mkdir } from "node:fs/promises";
import process from "node:process";
import type { Page } from "playwright-core";

const PICTURES = process.env.EDDYLINE_SCREENSHOTS;

/** Takes what is in view, by light and by dark; nothing when no pictures are wanted. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const path = `${PICTURES}/${name}-${colorScheme}.png`;
    await page.screenshot({ path, animations: "disabled" });
  }
}
