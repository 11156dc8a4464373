/** The scenarios of `tests/cases` on the wasm build in Chromium, on a driven clock. */

import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { launchBrowser, openPage, type WatchedPage } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type CasesInPage = typeof import("./cases-in-page.ts");

const folder = new URL("../cases/", import.meta.url);
/** Where the browser finds the bundle: as deep as the package's own entry, as the wasm lies beside. */
const BUNDLE = "/dist/entry/cases-in-page.js";

describe("the scenarios in Chromium", () => {
  let server: StaticServer;
  let browser: Browser;
  let tab: WatchedPage;

  before(async () => {
    server = await serveFolder("pkg/");
    browser = await launchBrowser();
    tab = await openPage(browser);
    const body = await bundle();
    const contentType = "text/javascript";
    await tab.page.route(`**${BUNDLE}`, (route) => route.fulfill({ body, contentType }));
    await tab.page.goto(`${server.origin}/nothing-here`);
  });

  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
    test(file, async (t) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      const address = server.origin + BUNDLE;
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

/** The runner and the package's source in one module, with the browser's way to the wasm. */
async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("cases-in-page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2024",
    write: false,
    logLevel: "warning",
    plugins: [
      {
        name: "browser-entry",
        setup: ({ onResolve }) => {
          const browser = fileURLToPath(new URL("../../pkg/src/entry/browser.ts", import.meta.url));
          onResolve({ filter: /\/entry\/node\.ts$/ }, () => ({ path: browser }));
        },
      },
    ],
  });
  return result.outputFiles[0]?.text ?? "";
}
