/**
 * The console with much to show: a history of millions, entries that come fast, much that is
 * pending, many streams and consumers. How long things took is reported, not asserted: that depends
 * on the machine. `EDDYLINE_CONSOLE_HISTORY=5000000 EDDYLINE_CONSOLE_LIVE_S=50 node --test
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
const MANY = Number(process.env.EDDYLINE_CONSOLE_HISTORY ?? 2_000_000);
/** The entry that is sought by its ID. */
const WANTED = 1_234_567;
/** The history's first moment, and the milliseconds from one entry to the next. */
const BEGIN_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 1000;
/** Entries that come live, and how many of them a second. */
const LIVE = 100_000;
const PER_SECOND = 2000;
/** How long they come at that pace; those before come as fast as they may. */
const LIVE_S = Number(process.env.EDDYLINE_CONSOLE_LIVE_S ?? 5);
const PENDING = 100_000;
const CONSUMERS = 200;
const STREAMS = 1000;
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

  test(`a history of ${MANY} entries is sought by time and by ID, scrolled, and cut`, async (t) => {
    await importMany(db, "history", MANY);
    await using watched = await openPage(browser);
    const { page } = watched;
    const row = (n: number) => rows(page).filter({ hasText: new RegExp(`n ${n}(?!\\d)`) });
    const timed = async (what: string, act: () => Promise<void>, n: number): Promise<void> => {
      const began = performance.now();
      await act();
      await row(n).waitFor();
      t.diagnostic(`${what}: ${Math.round(performance.now() - began)} ms`);
    };
    await openConsole(page, backEnd);
    await chooseStream(page, "history");
    await timed("the first entries", () => openTab(page, "History"), 0);
    await page.getByLabel("Go to an ID").fill(idAt(WANTED));
    const go = page.getByRole("button", { name: "Go", exact: true });
    await timed("an ID in the middle", () => go.click(), WANTED);
    await timed("300 rows back", () => scrollTo(page, -1, WANTED - 300), WANTED - 300);
    await timed("3,000 rows on", () => scrollTo(page, 1, WANTED + 2700), WANTED + 2700);
    const moment = local(new Date(BEGIN_MS + (MANY - 5000) * STEP_MS));
    await timed("a time", () => page.getByLabel("Go to a time").fill(moment), MANY - 5000);
    await timed("the slider", () => page.getByLabel("Place in time").fill("500"), MANY / 2);
    const last = page.getByRole("button", { name: "Last" });
    await timed("the last entries", () => last.click(), MANY - 1);
    assert.ok((await rows(page).count()) < 100, "only what is in view exists");
    await openTab(page, "Trim and export");
    const began = performance.now();
    await page.getByLabel("How it is trimmed").selectOption("time");
    await page.getByLabel("Trim to").fill(moment);
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText(`${(MANY - 5000).toLocaleString("en")} entries would go.`).waitFor();
    t.diagnostic(`what a cut near the end removes: ${Math.round(performance.now() - began)} ms`);
    assert.deepEqual(watched.complaints, []);
  });

  test(`of ${PENDING} pending entries all are shown where they belong`, async (t) => {
    await importMany(db, "pending", PENDING);
    await db.xGroupCreate("pending", "readers", "0");
    for (let n = 0; n < CONSUMERS; n++) {
      const COUNT = PENDING / CONSUMERS;
      await db.xReadGroup("readers", `consumer-${n}`, { key: "pending", id: ">" }, { COUNT });
    }
    await using watched = await openPage(browser, { viewport: { width: 1280, height: 1400 } });
    const { page } = watched;
    await openConsole(page, backEnd);
    await chooseStream(page, "pending");
    const began = performance.now();
    await openTab(page, "Groups");
    const all = PENDING.toLocaleString("en");
    const total = page.locator(".pending .room-head").getByText(`${all} entries`, { exact: true });
    await total.waitFor({ timeout: PATIENCE_MS });
    t.diagnostic(`${all} pending: all counted after ${Math.round(performance.now() - began)} ms`);
    const cells = await page.locator(".heat button").allTextContents();
    const sum = cells.reduce((sum, text) => sum + Number(text.replaceAll(",", "")), 0);
    assert.equal(sum, PENDING);
    await page.locator(".heat button").first().click();
    await rows(page).first().click();
    await page.getByRole("button", { name: "Pick none" }).waitFor();
    assert.equal(await page.locator("[data-consumer-row]").count(), CONSUMERS);
    await watchFrames(page);
    await page.locator(".pending-table .virtual").evaluate((list) => list.scrollTo(0, 1_000_000));
    await sleep(1000);
    t.diagnostic(`frames meanwhile: ${summary(await framesOf(page))}`);
    assert.deepEqual(watched.complaints, []);
  });

  test(`${STREAMS} streams are listed, searched and sorted`, async (t) => {
    for (let n = 0; n < STREAMS; n++) void db.xAdd(`stream:${n}`, "*", { n: String(n) });
    await db.ping();
    await using watched = await openPage(browser);
    const { page } = watched;
    const began = performance.now();
    await openConsole(page, backEnd);
    await rows(page).filter({ hasText: "stream:" }).first().waitFor();
    t.diagnostic(`${STREAMS} streams: listed after ${Math.round(performance.now() - began)} ms`);
    await page.getByLabel("Search streams").fill("stream:99");
    const wanted = STREAMS.toString().length - 2;
    await rows(page)
      .filter({ hasText: `stream:99${"9".repeat(wanted - 1)}` })
      .first()
      .waitFor();
    await page.getByLabel("Search streams").fill("");
    await page.getByRole("button", { name: "Stream", exact: true }).click();
    await rows(page).filter({ hasText: "stream:0" }).waitFor();
    await watchFrames(page);
    for (let step = 0; step < 20; step++) {
      await page.locator(".virtual").evaluate((list) => list.scrollBy(0, 2000));
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    t.diagnostic(`frames while scrolling: ${summary(await framesOf(page))}`);
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
    const frames = await framesOf(page);
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

/** Makes the entries in this process, and brings them there in one piece. */
async function importMany(db: Eddyline, key: string, count: number): Promise<void> {
  await using own = await Eddyline.open("memory://");
  await fill(own, key, count);
  await db.import(own.export(key), { as: key });
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

/** Scrolls on, most of a screen with each frame, until the row is there. */
async function scrollTo(page: Page, direction: 1 | -1, n: number): Promise<void> {
  await page.locator(".virtual").evaluate(
    async (list, { by, text, patienceMs }) => {
      const deadline = performance.now() + patienceMs;
      const isThere = () =>
        Array.from(list.querySelectorAll(".virtual-row")).some((row) =>
          row.textContent?.includes(text),
        );
      while (!isThere() && performance.now() < deadline) {
        list.scrollBy(0, by);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    },
    { by: direction * SCREEN_PIXELS, text: `n ${n}`, patienceMs: PATIENCE_MS },
  );
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

function framesOf(page: Page): Promise<number[]> {
  return page.evaluate(() => (globalThis as unknown as Watched).frames.slice());
}

function summary(frames: readonly number[]): string {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  return `${frames.length} frames, median ${at(0.5)} ms, 95 of 100 within ${at(0.95)} ms, 99 of 100 within ${at(0.99)} ms, the longest ${at(1)} ms`;
}
