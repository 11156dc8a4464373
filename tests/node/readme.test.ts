/** The TypeScript examples of the READMEs run as they stand. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Inside the repository, so that `import "eddyline"` finds the workspace's package.
mkdirSync(join(root, "target"), { recursive: true });
const folder = mkdtempSync(join(root, "target", "readme-"));
after(() => rmSync(folder, { recursive: true }));

const readmes = [
  { file: "README.md", prints: "2 × tea\n" },
  { file: "pkg/README.md", prints: "tea\n" },
];

describe("the examples of a server", () => {
  for (const { file } of readmes) {
    const texts = readFileSync(join(root, file), "utf8").matchAll(/```ts\n([\s\S]*?)```/g);
    const examples = [...texts].map(([, text = ""]) => text);
    for (const [at, example] of examples.entries()) {
      if (!example.includes("eddyline/server")) continue;
      it(`of ${file} run: ${example.split("\n")[0]}`, () => {
        const program = join(folder, `server-${at}-${file.replaceAll("/", "-")}.ts`);
        writeFileSync(program, example);
        execFileSync(process.execPath, [program], { timeout: 20_000 });
      });
    }
    it(`are in ${file}`, () => assert.ok(examples.join().includes("eddyline/server")));
  }
});

describe("the first example", () => {
  for (const { file, prints } of readmes) {
    it(`of ${file} prints what it says`, () => {
      const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, file), "utf8"))?.[1];
      assert.ok(example, "there is an example");
      const program = join(folder, `${file.replaceAll("/", "-")}.ts`);
      writeFileSync(program, example);
      assert.equal(execFileSync(process.execPath, [program], { encoding: "utf8" }), prints);
    });
  }
});
