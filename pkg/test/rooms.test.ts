/** The package's rooms import one way: each file uses only those on the floors below its own. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../src/", import.meta.url));

/** Files and folders from the bottom to the top. Those on one floor do not use each other. */
const floors = [
  ["limits", "errors", "soon", "storage/storage"],
  ["platform"],
  ["resp", "wasm", "storage"],
  ["moving"],
  ["transport"],
  ["commands/arguments", "commands/trim", "commands/message", "commands/blocking"],
  ["commands", "call", "frame", "alarm", "http/backend", "subprotocols"],
  ["transaction", "pending", "stream"],
  ["line"],
  ["lines"],
  [
    "client",
    "engine",
    "gate",
    "remote",
    "sockets",
    "http/rest",
    "http/tokens",
    "http/failure",
    "http/sse",
  ],
  ["remote-moving", "host", "http/auth", "http/conversation"],
  ["remote-opening"],
  ["http/call"],
  ["http"],
  ["http/handler"],
  ["session"],
  ["calls"],
  ["local", "remote-moving"],
  ["eddyline"],
  ["index", "worker", "dropins"],
  ["dropins/ioredis", "dropins/redis"],
  ["entry", "check", "transfer"],
  ["server"],
];

/** The room of a file: itself where it has a floor of its own, else its folder. */
function roomOf(file: string): string {
  const path = file.replace(/\.ts$/, "");
  const named = floors.flat().includes(path) ? path : dirname(path);
  return named.startsWith("worker") ? "worker" : named;
}

const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room));

/** Pairs of a file and one that it imports. */
function imports(): [from: string, to: string][] {
  const files = globSync("**/*.ts", { cwd: src }).filter((file) => !file.endsWith(".d.ts"));
  return files.flatMap((file) => {
    const source = readFileSync(join(src, file), "utf8");
    const paths = [...source.matchAll(/from "(\.[^"]+\.ts)"/g)].map(([, path]) => path as string);
    return paths.map((path): [string, string] => {
      return [file, relative(src, join(src, dirname(file), path))];
    });
  });
}

describe("the rooms of the package", () => {
  const pairs = imports();

  it("all have a floor", () => {
    const rooms = new Set(pairs.flat().map(roomOf));
    assert.deepEqual(
      [...rooms].filter((room) => floorOf(room) < 0),
      [],
    );
    assert.ok(pairs.length > 50);
  });

  it("use only the floors below their own", () => {
    const wrong = pairs.filter(([from, to]) => {
      const isUp = floorOf(roomOf(to)) >= floorOf(roomOf(from));
      return isUp && !(roomOf(from) === roomOf(to) && !floors.flat().includes(from.slice(0, -3)));
    });
    assert.deepEqual(wrong, []);
  });
});
