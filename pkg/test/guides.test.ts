/** The snippets of the guides and of the doc comments are programs that run. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";

const entry = new URL("../src/entry/node.ts", import.meta.url).href;
const root = new URL("../../", import.meta.url);

async function run(program: string): Promise<string> {
  const source = program.replaceAll('from "eddyline"', `from ${JSON.stringify(entry)}`);
  const args = ["--input-type=module-typescript", "--eval", source];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout;
}

/** The blocks of a language, one after the other. */
function blocksOf(markdown: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...markdown.matchAll(pattern)].map(([, block]) => block as string);
}

test("the guide to queues is a program that prints what it says", async () => {
  const guide = readFileSync(new URL("docs/guides/queue.md", root), "utf8");
  const [snippets, outputs] = [blocksOf(guide, "ts"), blocksOf(guide, "text")];
  assert.ok(snippets.length >= 6 && outputs.length === 3);
  assert.equal(await run(snippets.join("\n")), outputs.join(""));
});

test("the README's section on streams of values is a program", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const section = /^## Streams of values$(.*?)^## /ms.exec(readme)?.[1] ?? "";
  const [snippet, output] = [blocksOf(section, "ts"), blocksOf(section, "text")];
  assert.equal(await run(snippet.join("\n")), output.join(""));
});

/** What examples in doc comments speak of. */
const PRELUDE = `
import { type Codec, Eddyline } from "eddyline";
interface Order { item: string; cups: number }
const charge = async (order: Order) => assert(order.item === "tea");
const show = (id: string, order: Order) => assert(id.includes("-") && order.cups > 0);
const assert = (fact: boolean) => { if (!fact) throw new Error("not so"); };
`;

/** An example in surroundings of its own: a stream that has something, and a signal that ends it. */
function asFunction(example: string): string {
  return `
await (async () => {
  await using db = await Eddyline.open("memory://");
  const end = new AbortController();
  const { signal } = end;
  setTimeout(() => end.abort(), 300);
  await db.stream<Order>("orders").append([{ item: "tea", cups: 1 }, { item: "tea", cups: 2 }]);
  const orders${/const orders\b/.test(example) ? "_" : ""} = db.stream<Order>("orders");
  setTimeout(() => void db.xAdd("orders", "*", { item: "tea", cups: "3" }).catch(() => {}), 50);
  try {
    ${example}
  } catch (error) {
    // To end by the signal is what some of them do.
    if (!signal.aborted) throw error;
  }
})();`;
}

test("the examples in the doc comments are programs", async () => {
  const files = globSync("*.ts", { cwd: new URL("../src/stream/", import.meta.url) });
  const examples = files.flatMap((file) => {
    const source = readFileSync(new URL(`../src/stream/${file}`, import.meta.url), "utf8");
    const comments = source.replaceAll(/^ *\* ?/gm, "");
    return blocksOf(comments, "ts");
  });
  assert.ok(examples.length >= 8, `${examples.length} examples`);
  await run(PRELUDE + examples.map(asFunction).join("\n"));
});
