/** The packed package in a page, by way of each bundler and of none. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build as esbuild } from "esbuild";
import type { Browser } from "playwright-core";
import { build as vite } from "vite";
import webpack from "webpack";
import { launchBrowser, openPage } from "../browser/chromium.ts";
import { serveFolder } from "../browser/static-server.ts";
import {
  appendAndRead,
  type Folder,
  GOT,
  makeFolder,
  pack,
  READ,
  writeProgram,
} from "./tarball.ts";

/** The page's own script: the promise that a bundler must not make it wait for is inside. */
const PAGE = `import { appendAndRead, setAndGet } from "./program.js";

Object.assign(globalThis, { setAndGet });
appendAndRead().then(
  (text) => document.body.append(text),
  (error) => document.body.append(String(error)),
);
`;

let folder: Folder;
let tarball: string;
let browser: Browser;

before(async () => {
  folder = makeFolder();
  tarball = pack(folder.path);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  folder?.[Symbol.dispose]();
});

/** A program for a page, in a folder of its own. */
function writePage(name: string, script: string, specifier?: string): string {
  const path = join(folder.path, name);
  const html = `<!doctype html><title>${name}</title>${script}<body></body>`;
  const program = appendAndRead(specifier);
  const files = { "index.html": html, "page.js": PAGE, "program.js": program };
  writeProgram(path, tarball, { ...files, "package.json": '{ "type": "module" }' });
  return path;
}

/** What a page does with streams and then with a value, and how many wasm files it loads for either. */
interface Seen {
  readonly shown: string | null;
  readonly first: number;
  readonly got: string | null;
  readonly later: number;
}

/** The core comes at once, and the rest when it is needed. */
const IN_PARTS: Seen = { shown: READ, first: 1, got: GOT, later: 1 };

/** What the page in a folder does. */
async function seenIn(path: string): Promise<Seen> {
  await using server = await serveFolder(`${path}/`);
  await using watched = await openPage(browser);
  const { page, complaints } = watched;
  let loaded = 0;
  page.on("request", (request) => {
    if (request.url().endsWith(".wasm")) loaded++;
  });
  await page.goto(server.origin);
  await page.locator("body:not(:empty)").waitFor();
  const shown = await page.locator("body").textContent();
  const first = loaded;
  const got = await page.evaluate(() =>
    (globalThis as unknown as { setAndGet: () => Promise<string | null> }).setAndGet(),
  );
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes("404")),
    [],
  );
  return { shown, first, got, later: loaded - first };
}

test("a page without a bundler", async () => {
  const map = '{ "imports": { "eddyline": "./node_modules/eddyline/dist/entry/browser.js" } }';
  const script = `<script type="importmap">${map}</script><script type="module" src="./page.js"></script>`;
  assert.deepEqual(await seenIn(writePage("none", script)), IN_PARTS);
});

test("Vite", async () => {
  const path = writePage("vite", '<script type="module" src="./page.js"></script>');
  await vite({ root: path, base: "./", configFile: false, logLevel: "error" });
  assert.deepEqual(await seenIn(join(path, "dist")), IN_PARTS);
});

test("webpack", async () => {
  const path = writePage("webpack", '<script defer src="./main.js"></script>');
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    const output = { path, filename: "main.js" };
    webpack(
      {
        mode: "production",
        context: path,
        entry: "./page.js",
        output,
        performance: { hints: false },
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
  assert.equal(stats?.toString({ all: false, errors: true, warnings: true }), "");
  assert.deepEqual(await seenIn(path), IN_PARTS);
});

test("esbuild, with the module as text, in one script that is no module", async () => {
  const path = writePage("esbuild", '<script defer src="./main.js"></script>', "eddyline/base64");
  const { warnings } = await esbuild({
    entryPoints: [join(path, "page.js")],
    outfile: join(path, "main.js"),
    bundle: true,
    minify: true,
    // Refuses an await outside of functions.
    format: "iife",
    target: "es2022",
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(await seenIn(path), { ...IN_PARTS, first: 0, later: 0 });
});

test("esbuild, with the module as a file that it copies", async () => {
  const path = writePage("esbuild-file", '<script type="module" src="./out/page.js"></script>');
  const address = `import wasm from "eddyline/eddyline.wasm";

const address = new URL(wasm, import.meta.url);
`;
  const program = appendAndRead().replace('"memory://"', '"memory://", { wasm: address }');
  writeFileSync(join(path, "program.js"), address + program);
  const { warnings } = await esbuild({
    entryPoints: [join(path, "page.js")],
    outdir: join(path, "out"),
    bundle: true,
    format: "esm",
    loader: { ".wasm": "file" },
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(await seenIn(path), { ...IN_PARTS, later: 0 });
});
