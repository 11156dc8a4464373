/** The system's Chromium, headless, and pages that keep account of what they complain about. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";
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

/** The same, but pages that were left are kept aside, for the way back, as in everybody's browser. */
export function launchWithBackForwardCache(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, {
    executablePath: program(),
    // However little memory the machine has.
    args: [
      ...QUIET,
      "--enable-features=BackForwardCache,BackForwardCacheMemoryControls:memory_threshold_for_back_forward_cache_in_mb/0",
    ],
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
}

/** A browser that can be killed. */
export interface KillableBrowser {
  readonly context: BrowserContext;
  /** Ends all of its processes without giving them a chance to finish anything. */
  kill(): Promise<void>;
}

/** Starts the browser with the profile in a folder, in a process group of its own. */
export async function launchKillable(folder: string): Promise<KillableBrowser> {
  const flags = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${folder}`];
  const child = spawn(program(), [...QUIET, ...flags, "about:blank"], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exit = once(child, "exit");
  const kill = async () => {
    // The group: a browser is many processes.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await exit;
  };
  try {
    const address = await listeningAddress(child.stderr);
    const browser = await chromium.connectOverCDP(address);
    const [context] = browser.contexts();
    if (context === undefined) throw new Error("a browser with a profile has a context");
    return { context, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** The address that the browser prints for those who are to drive it. */
async function listeningAddress(output: Readable): Promise<string> {
  let text = "";
  for await (const chunk of output.setEncoding("utf8")) {
    text += chunk;
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (address === undefined) continue;
    output.resume();
    return address;
  }
  throw new Error(`the browser did not start: ${text}`);
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
