/** House rules that can be counted: a file opens with what it is for, and stays short. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** Lines that are neither blank nor comment. */
const MOST_CODE_LINES = 400;
/** The same with the unit tests at the end of a Rust file. */
const MOST_CODE_LINES_WITH_TESTS = 700;

const OTHERS = [
  "**/node_modules/**",
  "**/generated*/**",
  "**/dist/**",
  "target/**",
  "fuzz/target/**",
  ".eddyline/**",
];

const files = globSync("**/*.{rs,ts,tsx,mjs}", { exclude: OTHERS }).sort();

test("there are files to look at", () => {
  assert.ok(files.includes("src/lib.rs"), "run this from the repository's root");
});

test("every file opens with a comment that says what it is for", () => {
  const silent = files.filter((path) => !opensWithComment(path, readFileSync(path, "utf8")));
  assert.deepEqual(silent, []);
});

test(`no file has more than ${MOST_CODE_LINES} lines of code`, () => {
  const long = files.map(measure).filter(({ code, all }) => {
    return code > MOST_CODE_LINES || all > MOST_CODE_LINES_WITH_TESTS;
  });
  assert.deepEqual(long, []);
});

test("comments and unit tests are told from code", () => {
  const source = "//! doc\n\nfn a() {}\n/* b\n   c */\n#[cfg(test)]\nmod tests {\n}\n";
  assert.deepEqual(count(source), { code: 1, all: 4 });
  assert.ok(opensWithComment("a.rs", "//! doc"));
  assert.ok(!opensWithComment("a.rs", "// not a doc comment"));
  assert.ok(opensWithComment("a.ts", "#!/usr/bin/env node\n/** doc */"));
  assert.ok(!opensWithComment("a.ts", 'import "b";'));
});

function opensWithComment(path: string, source: string): boolean {
  const first = source.replace(/^#!.*\n/, "").trimStart();
  if (path.endsWith(".rs")) return first.startsWith("//!");
  return first.startsWith("//") || first.startsWith("/*");
}

function measure(path: string): { path: string; code: number; all: number } {
  return { path, ...count(readFileSync(path, "utf8")) };
}

function count(source: string): { code: number; all: number } {
  const lines = source.replaceAll(/^\s*\/\*.*?\*\//gms, "").split("\n");
  const isCode = (line: string) => line.trim() !== "" && !line.trim().startsWith("//");
  const unitTests = lines.findIndex((line) => line.startsWith("#[cfg(test)]"));
  const body = unitTests < 0 ? lines : lines.slice(0, unitTests);
  return { code: body.filter(isCode).length, all: lines.filter(isCode).length };
}
