/** The scenarios of `tests/cases` on the wasm build in Chromium, on a driven clock. */

import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { provideBundle } from "./bundle.ts";
import { launchBrowser, openPage, type WatchedPage } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type CasesInPage = typeof import("./cases-in-page.ts");

const folder = new URL("../cases/", import.meta.url);

describe("the scenarios in Chromium", () => {
  let server: StaticServer;
  let browser: Browser;
  let tab: WatchedPage;
  let address: string;

  before(async () => {
    server = await serveFolder("pkg/");
    browser = await launchBrowser();
    tab = await openPage(browser);
    const entry = new URL("cases-in-page.ts", import.meta.url);
    address = await provideBundle(tab.page, server.origin, entry);
    await tab.page.goto(`${server.origin}/nothing-here`);
  });

  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
    test(file, async (t) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      const outcomes = await tab.page.evaluate(
        async ([address, text]) => ((await import(address)) as CasesInPage).runCases(text),
        [address, text] as const,
      );
      for (const { name, lacks, problem } of outcomes) {
        const skip = lacks.length > 0 && `needs ${lacks.join(", ")}`;
        await t.test(name, { skip }, () => {
          if (problem !== null) throw new Error(problem);
        });
      }
    });
  }
});
