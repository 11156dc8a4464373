/**
 * The console with much to show: a history of many entries, and entries that come fast. How long
 * frames took is reported, not asserted: that depends on the machine.
 * `EDDYLINE_CONSOLE_HISTORY=2000000 EDDYLINE_CONSOLE_LIVE_S=50 node --test
 * tests/browser/console-large.test.ts` is the long run.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline } from "eddyline";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, openPage } from "./chromium.ts";
import { type BackEnd, startProgram } from "./console-back-end.ts";
import { chooseStream, openConsole, openTab, rows } from "./console-steps.ts";

/** Entries of the history. */
const MANY = Number(process.env.EDDYLINE_CONSOLE_HISTORY ?? 100_000);
/** The entry that is sought by its ID. */
const WANTED = 23_456;
/** The history's first moment, and the milliseconds from one entry to the next. */
const BEGIN_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 1000;
/** Entries that come live, and how many of them a second. */
const LIVE = 100_000;
const PER_SECOND = 2000;
/** How long they come at that pace; those before come as fast as they may. */
const LIVE_S = Number(process.env.EDDYLINE_CONSOLE_LIVE_S ?? 5);
const BATCH = 1000;
const PATIENCE_MS = 120_000;
const SCREEN_PIXELS = 400;

describe("the console with much to show", () => {
  let backEnd: BackEnd;
  let browser: Browser;
  let db: Eddyline;

  before(async () => {
    backEnd = await startProgram();
    browser = await launchBrowser();
    db = await Eddyline.open(backEnd.origin, { token: backEnd.token });
  });

  after(async () => {
    await db?.close();
    await browser?.close();
    await backEnd?.[Symbol.asyncDispose]();
  });

  test(`a history of ${MANY} entries is sought by time and by ID, and scrolled`, async () => {
    await fill(db, "history", MANY);
    await using watched = await openPage(browser);
    const { page } = watched;
    await openConsole(page, backEnd);
    await chooseStream(page, "history");
    await openTab(page, "History");
    const first = page.locator(".virtual-row .id").first();
    await first.filter({ hasText: `${BEGIN_MS}-0` }).waitFor();
    await page.getByLabel("Go to an ID").fill(idAt(WANTED));
    await page.getByRole("button", { name: "Go", exact: true }).click();
    await rows(page)
      .filter({ hasText: `n ${WANTED}` })
      .waitFor();
    await scrollTo(page, -1, `n ${WANTED - 300}`);
    await scrollTo(page, 1, `n ${WANTED + 2700}`);
    const moment = new Date(BEGIN_MS + (MANY - 5000) * STEP_MS);
    await page.getByLabel("Go to a time").fill(local(moment));
    await rows(page)
      .filter({ hasText: `n ${MANY - 5000}` })
      .waitFor();
    await page.getByLabel("Place in time").fill("500");
    await rows(page)
      .filter({ hasText: `n ${MANY / 2}` })
      .waitFor();
    await page.getByRole("button", { name: "Last" }).click();
    await rows(page)
      .filter({ hasText: `n ${MANY - 1}` })
      .waitFor();
    assert.ok((await rows(page).count()) < 100, "only what is in view exists");
    assert.deepEqual(watched.complaints, []);
  });

  test(`${LIVE} entries, ${PER_SECOND} a second, leave the page responsive`, async (t) => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await openConsole(page, backEnd);
    await chooseStream(page, "live");
    const fast = LIVE - LIVE_S * PER_SECOND;
    await fill(db, "live", fast);
    const newest = rows(page).filter({ hasText: `n ${fast - 1}` });
    if (fast > 0) await newest.waitFor({ timeout: PATIENCE_MS });
    await watchFrames(page);
    await append(db, "live", fast, LIVE_S);
    await rows(page)
      .filter({ hasText: `n ${LIVE - 1}` })
      .waitFor({ timeout: PATIENCE_MS });
    const frames = await page.evaluate(() => (globalThis as unknown as Watched).frames.slice());
    t.diagnostic(`frames at ${PER_SECOND} entries a second: ${summary(frames)}`);
    await page.getByRole("button", { name: "Hold" }).click();
    await page.getByLabel("Filter entries").fill("n=99000");
    await rows(page).filter({ hasText: "n 99000" }).waitFor();
    assert.equal(await rows(page).count(), 1);
    assert.deepEqual(watched.complaints, []);
  });
});

interface Watched {
  frames: number[];
}

async function fill(db: Eddyline, key: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) =>
      db.xAdd(key, idAt(from + at), entry(from + at)),
    );
    await Promise.all(batch);
  }
}

/** Adds at an even pace. */
async function append(db: Eddyline, key: string, from: number, seconds: number): Promise<void> {
  const began = performance.now();
  const perStep = PER_SECOND / 20;
  for (let step = 0; step < seconds * 20; step++) {
    const first = from + step * perStep;
    const batch = Array.from({ length: perStep }, (_, at) =>
      db.xAdd(key, idAt(first + at), entry(first + at)),
    );
    await Promise.all(batch);
    await sleep(Math.max(0, began + (step + 1) * 50 - performance.now()));
  }
}

function idAt(place: number): string {
  return `${BEGIN_MS + place * STEP_MS}-0`;
}

function entry(n: number): Record<string, string> {
  return { n: String(n), sensor: `s${n % 40}`, celsius: (15 + (n % 97) / 10).toFixed(1) };
}

/** A moment as the field for it has it, in the time zone of the browser, which is ours. */
function local(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** Scrolls on, most of a screen at a time as a person does, until a row is there. */
async function scrollTo(page: Page, direction: 1 | -1, text: string): Promise<void> {
  const wanted = rows(page).filter({ hasText: text });
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await wanted.isVisible()) && Date.now() < deadline) {
    await page
      .locator(".virtual")
      .evaluate((list, by) => list.scrollBy(0, by), direction * SCREEN_PIXELS);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  assert.ok(await wanted.isVisible(), text);
}

/** Begins to note the milliseconds from each frame to the next. */
async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames: number[] = [];
    (globalThis as unknown as { frames: number[] }).frames = frames;
    let before = performance.now();
    const note = (now: number): void => {
      frames.push(now - before);
      before = now;
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
}

function summary(frames: readonly number[]): string {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  return `${frames.length} frames, median ${at(0.5)} ms, 95 of 100 within ${at(0.95)} ms, 99 of 100 within ${at(0.99)} ms, the longest ${at(1)} ms`;
}
