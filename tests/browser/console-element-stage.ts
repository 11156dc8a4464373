/** `<eddyline-console>` out of the packed files, in a page of somebody else with a strict policy. */

import { execFileSync } from "node:child_process";
import { after, before } from "node:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { type Folder, makeFolder, pack } from "../packaging/tarball.ts";
import { launchBrowser, openPage, type WatchedPage } from "./chromium.ts";
import { type BackEnd, startProgram } from "./console-back-end.ts";
import { serveFolder } from "./static-server.ts";

/** A page with the element in it. */
export interface Embedded extends WatchedPage {
  /** Paths that the page has asked its own server for. */
  readonly paths: string[];
}

/** What is there as long as the tests of a file run. */
export interface ElementStage {
  readonly backEnd: BackEnd;
  /** A page of somebody else with `body` in it, whose CSP also has `policy`. */
  embed(body: string, policy: string, options?: BrowserContextOptions): Promise<Embedded>;
  /** The element, with the server's address and token. */
  element(): string;
  /** Lets the page talk to the server, and to nobody else. */
  remotePolicy(): string;
}

const WIDE: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };

/** Packs the package and starts a server and a browser before the tests of the file that calls it. */
export function elementStage(): ElementStage {
  let folder: Folder;
  let browser: Browser;
  let backEnd: BackEnd;
  before(async () => {
    folder = makeFolder();
    execFileSync("tar", ["-xzf", pack(folder.path), "-C", folder.path]);
    backEnd = await startProgram();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await backEnd?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });
  return {
    get backEnd() {
      return backEnd;
    },
    element: () =>
      `<eddyline-console url="${backEnd.origin}" token="${backEnd.token}"></eddyline-console>`,
    remotePolicy: () =>
      `script-src 'self'; connect-src ${backEnd.origin} ${backEnd.origin.replace("http", "ws")}`,
    async embed(body, policy, options = WIDE) {
      const csp = `default-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; ${policy}`;
      const page = `<!doctype html><html lang="en"><title>Admin</title>
        <meta http-equiv="Content-Security-Policy" content="${csp}">
        <script type="module" src="/element/console.js"></script>
        <main><h1>Somebody else's page</h1>${body}</main></html>`;
      const server = await serveFolder(`${folder.path}/package/`, { "/": page });
      const watched = await openPage(browser, options);
      const paths: string[] = [];
      watched.page.on("request", (request) => paths.push(new URL(request.url()).pathname));
      await watched.page.goto(server.origin);
      return {
        ...watched,
        paths,
        async [Symbol.asyncDispose]() {
          await watched[Symbol.asyncDispose]();
          await server[Symbol.asyncDispose]();
        },
      };
    },
  };
}
