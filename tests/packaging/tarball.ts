/** The package as npm packs it, and folders of programs that have it installed. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A folder that is gone afterwards. */
export interface Folder extends Disposable {
  readonly path: string;
}

/** An empty folder. */
export function makeFolder(parent = tmpdir()): Folder {
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, "eddyline-packaging-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Packs the package into a folder; the tarball's path. */
export function pack(folder: string): string {
  const argv = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const name = execFileSync("npm", argv, { cwd: join(ROOT, "pkg"), encoding: "utf8" });
  return join(folder, name.trim());
}

/**
 * Writes a program's files into a folder, and installs the tarball there with the one package that
 * it depends on. `links` are packages of this repository that the program itself wants.
 */
export function writeProgram(
  folder: string,
  tarball: string,
  files: Readonly<Record<string, string>>,
  links: readonly string[] = [],
): void {
  const packages = join(folder, "node_modules");
  const installed = join(packages, "eddyline");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1"], { cwd: installed });
  for (const name of ["idb", ...links]) {
    mkdirSync(dirname(join(packages, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/**
 * What a program does with the package, whose name it imports: an entry is appended and read; and a
 * value is set and read, for which browsers load the rest of the wasm.
 */
export function appendAndRead(specifier = "eddyline"): string {
  return `import { Eddyline } from ${JSON.stringify(specifier)};

export async function appendAndRead() {
  const db = await Eddyline.open("memory://");
  await db.xAdd("orders", "1-1", { item: "tea" });
  const entries = await db.xRange("orders", "-", "+");
  await db.close();
  return JSON.stringify(entries);
}

export async function setAndGet() {
  const db = await Eddyline.open("memory://");
  await db.set("drink", "tea");
  const value = await db.get("drink");
  await db.close();
  return value;
}
`;
}

/** What {@link appendAndRead} gives. */
export const READ = '[{"id":"1-1","message":{"item":"tea"}}]';

/** What `setAndGet` gives. */
export const GOT = "tea";
