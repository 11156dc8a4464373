/** `eddyline console https://…`: the page is here, and the streams are at another server. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createServer } from "eddyline/server";
import type { Browser } from "playwright-core";
import { launchBrowser, openPage } from "./chromium.ts";
import { chooseStream, rows } from "./console-steps.ts";

const PROGRAM = fileURLToPath(new URL("../../pkg/bin/eddyline.js", import.meta.url));
const TOKEN = "of the server";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

test("the page speaks to the server that the command line names, and to no other", async () => {
  const http = { port: 0, token: TOKEN };
  await using server = await createServer({ port: 0, http }).listen();
  await server.client().xAdd("elsewhere", "1-1", { item: "tea" });
  const address = `http://127.0.0.1:${server.httpPort}`;
  const program = spawn(process.execPath, [PROGRAM, "console", address, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, EDDYLINE_TOKEN: TOKEN },
  });
  try {
    const [line] = (await once(program.stdout, "data")) as [Buffer];
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(line.toString().trim());
    await chooseStream(page, "elsewhere");
    await rows(page).filter({ hasText: "tea" }).waitFor();
    assert.doesNotMatch(page.url(), /token|server/);
  } finally {
    program.kill("SIGKILL");
    await once(program, "close");
  }
});
