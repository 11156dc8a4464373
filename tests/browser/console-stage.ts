/** A back end of the console and a browser for the tests of one `describe`. */

import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "./chromium.ts";
import type { BackEnd } from "./console-back-end.ts";

/** What is there as long as the tests run. */
export interface Stage {
  readonly backEnd: BackEnd;
  readonly browser: Browser;
}

/** Starts both before the tests of the `describe` that calls it, and ends them after these. */
export function stageOf(start: () => Promise<BackEnd>): Stage {
  const started: { backEnd?: BackEnd; browser?: Browser } = {};
  before(async () => {
    started.backEnd = await start();
    started.browser = await launchBrowser();
  });
  after(async () => {
    await started.browser?.close();
    await started.backEnd?.[Symbol.asyncDispose]();
  });
  return {
    get backEnd() {
      return present(started.backEnd);
    },
    get browser() {
      return present(started.browser);
    },
  };
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("the stage is used outside of a test");
  return part;
}
