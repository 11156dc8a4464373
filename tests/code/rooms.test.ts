/**
 * The TypeScript of the package imports one way, as `tests/rooms.rs` has it for the engine: each
 * room uses only the floors below its own, and none that is not meant to names a platform.
 */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

/** From the bottom to the top. A folder of `pkg/src` is one room; other files are rooms themselves. */
const FLOORS: readonly (readonly string[])[] = [
  ["bytes", "errors", "ids", "limits", "resp-types", "soon", "syntax", "text", "web-streams"],
  ["storage"],
  ["resp", "platform", "alarm", "subprotocols"],
  ["moving", "web-socket", "framing"],
  ["moving-session"],
  ["moving-later"],
  ["transport"],
  ["commands", "frame", "call"],
  ["gate", "wasm", "storage-frame"],
  ["transaction", "pending", "stream"],
  ["line"],
  ["lines"],
  ["engine", "client", "sockets"],
  ["host"],
  ["session", "connection"],
  ["calls", "storage-keeper"],
  ["engine-transport"],
  ["local", "remote"],
  ["remote-moving", "keyspaces"],
  ["tabs"],
  ["local-opening", "remote-opening"],
  ["eddyline"],
  ["index"],
  ["dropins"],
  ["entry", "http", "check", "transfer"],
  ["worker", "server"],
  ["cli"],
];

/** Imports that are not the package's own, and the only rooms or files that may have them. */
const PLATFORMS: readonly { names: RegExp; rooms: readonly string[] }[] = [
  {
    names: /^node:/,
    rooms: [
      "cli",
      "entry",
      "server",
      "check",
      "transfer",
      "dropins",
      "storage/sqlite",
      "storage/every-second",
    ],
  },
  { names: /^idb$/, rooms: ["storage/indexeddb"] },
  { names: /^ws$/, rooms: ["server"] },
  { names: /^cloudflare:/, rooms: ["worker"] },
  { names: /\/wasm\/generated-worker\//, rooms: ["worker"] },
  { names: /\/wasm\/generated\//, rooms: ["wasm", "engine", "entry"] },
];

const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;

interface Import {
  file: string;
  target: string;
}

const imports = globSync("pkg/src/**/*.ts").sort().flatMap(importsOf);

test("there are imports to look at", () => {
  assert.ok(imports.length > FLOORS.length, "run this from the repository's root");
});

test("each room uses only the floors below it", () => {
  const wrong = imports.filter(({ file, target }) => {
    const used = roomImported(file, target);
    return used !== undefined && used !== roomOf(file) && floorOf(used) >= floorOf(roomOf(file));
  });
  assert.deepEqual(wrong, []);
});

test("files of one room do not import each other in a circle", () => {
  const graph = new Map<string, string[]>();
  for (const { file, target } of imports.filter((one) => one.target.startsWith("."))) {
    graph.set(file, [...(graph.get(file) ?? []), join(dirname(file), target)]);
  }
  const circles = [...graph.keys()].filter((file) => reaches(graph, file, file));
  assert.deepEqual(circles, []);
});

test("only the rooms that are meant to name a platform", () => {
  const wrong = imports.filter(({ file, target }) =>
    PLATFORMS.some(
      ({ names, rooms }) =>
        names.test(target) && !rooms.some((room) => [roomOf(file), pathOf(file)].includes(room)),
    ),
  );
  assert.deepEqual(wrong, []);
});

test("imports are found in every form", () => {
  const source = [
    'import { a,\n  b } from "./one.ts";',
    'export type { C } from "./two.ts";',
    'import "./three.ts";',
    'const d = await import("./four.ts");',
    ' * import { e } from "./example.ts";',
  ].join("\n");
  assert.deepEqual(targets(source), ["./one.ts", "./two.ts", "./three.ts", "./four.ts"]);
  assert.equal(roomOf("pkg/src/commands/xadd.ts"), "commands");
  assert.equal(roomImported("pkg/src/commands/xadd.ts", "../resp.ts"), "resp");
  assert.equal(roomImported("pkg/src/commands/xadd.ts", "node:fs"), undefined);
});

function importsOf(file: string): Import[] {
  return targets(readFileSync(file, "utf8")).map((target) => ({ file, target }));
}

function targets(source: string): string[] {
  return [...source.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function roomOf(file: string): string {
  const [first = ""] = file.slice("pkg/src/".length).split("/");
  return first.replace(/\.ts$/, "");
}

/** The file without its ending, from `pkg/src` on. */
function pathOf(file: string): string {
  return file.slice("pkg/src/".length).replace(/\.ts$/, "");
}

/** The room of this package that an import names; undefined for anything else. */
function roomImported(file: string, target: string): string | undefined {
  if (!target.startsWith(".")) return undefined;
  const path = join(dirname(file), target);
  return path.startsWith("pkg/src/") ? roomOf(path) : undefined;
}

function floorOf(room: string): number {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  assert.notEqual(floor, -1, `room ${room} has no floor: give it one in FLOORS`);
  return floor;
}

function reaches(graph: Map<string, string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const queue = [...(graph.get(from) ?? [])];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (file === to) return true;
    if (seen.has(file)) continue;
    seen.add(file);
    queue.push(...(graph.get(file) ?? []));
  }
  return false;
}
