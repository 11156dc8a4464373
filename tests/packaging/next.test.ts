/** The packed package in a Next.js application, built for production: in its page, and in a route. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser, openPage } from "../browser/chromium.ts";
import {
  appendAndRead,
  type Folder,
  GOT,
  makeFolder,
  pack,
  READ,
  writeProgram,
} from "./tarball.ts";

const ROOT = join(import.meta.dirname, "../..");
const NEXT = join(ROOT, "node_modules/next/dist/bin/next");

const APPLICATION = {
  "package.json": '{ "private": true, "type": "module" }',
  // It looks for packages, Next.js itself among them, from the repository's root on.
  "next.config.js": `export default {
  turbopack: { root: ${JSON.stringify(ROOT)} },
  outputFileTracingRoot: ${JSON.stringify(ROOT)},
};
`,
  "app/program.js": appendAndRead(),
  "app/layout.jsx": `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  "app/page.jsx": `"use client";
import { useEffect, useState } from "react";
import { appendAndRead, setAndGet } from "./program.js";

export default function Page() {
  const [text, setText] = useState("");
  useEffect(() => {
    Object.assign(globalThis, { setAndGet });
    appendAndRead().then(setText, (error) => setText(String(error)));
  }, []);
  return <main>{text}</main>;
}
`,
  "app/read/route.js": `import { appendAndRead } from "../program.js";

export const dynamic = "force-dynamic";
export const GET = async () => new Response(await appendAndRead());
`,
};

let folder: Folder;
let server: ChildProcess;
let origin: string;
let browser: Browser;

before(async () => {
  folder = makeFolder(join(ROOT, ".eddyline"));
  writeProgram(folder.path, pack(folder.path), APPLICATION);
  const build = next("build");
  const [code] = await once(build, "close");
  assert.equal(code, 0, said.get(build));
  server = next("start", "--port", "0", "--hostname", "127.0.0.1");
  origin = await addressOf(server);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  if (server?.kill()) await once(server, "close");
  folder?.[Symbol.dispose]();
});

/** What a program has said so far. */
const said = new WeakMap<ChildProcess, string>();

function next(...argv: string[]): ChildProcess {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
  const child = spawn(process.execPath, [NEXT, ...argv], { cwd: folder.path, env, stdio: "pipe" });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said.set(child, (said.get(child) ?? "") + text);
    });
  }
  return child;
}

/** Where a server says that it listens. */
async function addressOf(child: ChildProcess): Promise<string> {
  const closed = once(child, "close").then(() => "closed");
  for (;;) {
    const address = /Local: +(http:\S+)[\s\S]*Ready/.exec(said.get(child) ?? "")?.[1];
    if (address !== undefined) return address;
    const heard = child.stdout === null ? closed : once(child.stdout, "data");
    if ((await Promise.race([closed, heard])) === "closed") throw new Error(said.get(child));
  }
}

test("in a page of Next.js", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  let loaded = 0;
  page.on("request", (request) => {
    if (request.url().endsWith(".wasm")) loaded++;
  });
  await page.goto(origin);
  await page.locator("main:not(:empty)").waitFor();
  assert.equal(await page.locator("main").textContent(), READ);
  assert.equal(loaded, 1, "the core");
  const got = await page.evaluate(() =>
    (globalThis as unknown as { setAndGet: () => Promise<string | null> }).setAndGet(),
  );
  assert.deepEqual([got, loaded], [GOT, 2], "and the rest");
});

test("in a route of Next.js", async () => {
  assert.equal(await (await fetch(`${origin}/read`)).text(), READ);
});
