/** The console imports one way as well: each room of `www/src` uses only the floors below its own. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const ROOT = "www/src/";

/** From the bottom to the top. A folder is one room; other files are rooms themselves. */
const FLOORS: readonly (readonly string[])[] = [
  ["base", "style"],
  ["connection", "commands"],
  ["observe", "command-line"],
  ["entries", "groups"],
  ["console", "parts"],
  ["views"],
  ["tour"],
  ["main", "element"],
];

const IMPORT = /(?:\bfrom |^import |\bimport\()"(\.[^"]+)"/gm;

const imports = globSync(`${ROOT}**/*.{ts,tsx}`).sort().flatMap(importsOf);

test("there are imports of the console to look at", () => {
  assert.ok(imports.length > 100, "run this from the repository's root");
});

test("each room of the console uses only the floors below it", () => {
  const wrong = imports.filter(({ from, to }) => from !== to && floorOf(to) >= floorOf(from));
  assert.deepEqual(wrong, []);
});

test("entries are never put on the page as HTML", () => {
  const wrong = globSync(`${ROOT}**/*.{ts,tsx}`).filter((path) =>
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(readFileSync(path, "utf8")),
  );
  assert.deepEqual(wrong, []);
});

function importsOf(path: string): { path: string; from: string; to: string }[] {
  return [...readFileSync(path, "utf8").matchAll(IMPORT)]
    .map(([, target = ""]) => join(dirname(path), target))
    .filter((target) => target.startsWith(ROOT))
    .map((target) => ({ path, from: roomOf(path), to: roomOf(target) }));
}

function roomOf(path: string): string {
  const [first = ""] = path.slice(ROOT.length).split("/");
  return first.replace(/\.tsx?$/, "");
}

function floorOf(room: string): number {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  assert.notEqual(floor, -1, `room ${room} has no floor: give it one in FLOORS`);
  return floor;
}
