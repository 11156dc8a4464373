/** What tests of the wasm's parts share: a page with the package, and its requests for parts. */

import { after, before } from "node:test";
import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import { bundle } from "./bundle.ts";
import { launchBrowser } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./parts-in-page.ts");
type Db = Awaited<ReturnType<InPage["open"]>>;
export type Given = InPage & {
  db: Db;
  other: Db;
  parked: ReturnType<Db["xRead"]>;
  all: Promise<unknown>;
};

/** Where the bundle is: deep enough to find the wasm as the package's own entry does. */
const SCRIPT = "/dist/entry/parts-in-page.js";
const PART = /\/eddyline_(rest|inspection|storage)_bg\.wasm$/;
/** Only guards against hanging. */
export const PATIENCE = { timeout: 120_000 };
export const NO_PART = "CommandError: ERR a part of the engine could not be loaded";

let server: StaticServer;
let browser: Browser;

before(async () => {
  const source = await bundle(new URL("parts-in-page.ts", import.meta.url));
  server = await serveFolder("pkg/", { [SCRIPT]: source });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

export const pass = (route: Route) => route.continue();
export const fail = (route: Route) => route.abort();
/** Passes all but one part, which fails. */
export const without = (part: string) => (route: Route) =>
  nameOf(route) === part ? fail(route) : pass(route);

function nameOf(route: Route): string {
  return PART.exec(route.request().url())?.[1] ?? "";
}

/** Requests for parts of the wasm, by pages of one browser context. */
export class Requests implements AsyncDisposable {
  readonly context: BrowserContext;
  /** The parts, in the order in which they were asked for. */
  readonly parts: string[] = [];
  /** What is done with one; those that come while it is `undefined` wait. */
  #answer: ((route: Route) => Promise<void>) | undefined;
  #held: Route[] = [];
  #noticed = Promise.withResolvers<void>();

  private constructor(
    context: BrowserContext,
    answer: ((route: Route) => Promise<void>) | undefined,
  ) {
    this.context = context;
    this.#answer = answer;
  }

  static async in(answer?: (route: Route) => Promise<void>): Promise<Requests> {
    const requests = new Requests(await browser.newContext(), answer);
    await requests.context.route(PART, (route) => requests.#take(route));
    return requests;
  }

  async #take(route: Route): Promise<void> {
    this.parts.push(nameOf(route));
    this.#noticed.resolve();
    if (this.#answer === undefined) this.#held.push(route);
    else await this.#answer(route);
  }

  get count(): number {
    return this.parts.length;
  }

  /** Resolves when there was one. */
  noticed(): Promise<void> {
    return this.#noticed.promise;
  }

  /** Answers those that wait, and all that follow. */
  async answer(answer: (route: Route) => Promise<void>): Promise<void> {
    this.#answer = answer;
    await Promise.all(this.#held.splice(0).map(answer));
  }

  /** A page that has the keyspace at an address open, as `db`. */
  async openPage(address = "memory://", nowMs?: number): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${server.origin}/nothing-here`);
    await page.evaluate(
      async ([script, address, nowMs]) => {
        const module = (await import(script)) as InPage;
        const options = nowMs === undefined ? {} : { now: () => nowMs };
        Object.assign(globalThis, module, { db: await module.open(address, options) });
      },
      [server.origin + SCRIPT, address, nowMs] as const,
    );
    return page;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.context.close();
  }
}
