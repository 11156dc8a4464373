/** The system's Chromium, headless, and pages that keep account of what they complain about. */

import process from "node:process";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";

/** Without these Chromium looks for its maker's servers at every start. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long a page may take to show what is expected of it. */
const PATIENCE_MS = 15_000;

/** Starts the browser; `EDDYLINE_CHROMIUM` names the program. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: program(), args: QUIET });
}

/** Starts the browser with a profile, which the folder keeps. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: program(), args: QUIET });
}

function program(): string {
  return process.env.EDDYLINE_CHROMIUM ?? "/usr/bin/chromium";
}

/** A page in a browser context of its own. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Uncaught errors and what the console calls an error, violations of the CSP among them. */
  readonly complaints: readonly string[];
}

/** Opens an empty page. */
export async function openPage(
  browser: Browser,
  options?: BrowserContextOptions,
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}
