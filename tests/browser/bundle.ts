/** A module of tests and the package's source as one script for a page. */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";

/** Bundles `entry`, with the browser's way to the wasm where it names Node's. */
export async function bundle(entry: URL): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(entry)],
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

/**
 * Lets the page import the bundle of `entry`, at the address that is returned. The server of
 * `origin` serves `pkg/`: the bundle is as deep there as the package's own entry, so it finds the
 * wasm.
 */
export async function provideBundle(page: Page, origin: string, entry: URL): Promise<string> {
  const name = entry.pathname.split("/").at(-1)?.replace(/\.ts$/, ".js");
  const address = `${origin}/dist/entry/${name}`;
  const body = await bundle(entry);
  await page.route(address, (route) => route.fulfill({ body, contentType: "text/javascript" }));
  return address;
}
