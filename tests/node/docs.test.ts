/**
 * The pages of docs/ are run: programs in TypeScript print what the page says, transcripts of a shell
 * are what the shell writes. A page's blocks of a kind are one program, or one session.
 */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PROGRAM } from "./served.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "eddyline-docs-"));
after(() => rmSync(folder, { recursive: true }));

/** Only a hanging program takes so long. */
const PATIENCE_MS = 200_000;

/** They are about the inside, or run by tests of their own. */
const OTHERS = [
  "architecture",
  "compat",
  "deploy",
  "format",
  "streams-reference",
  "guides/queue",
  "guides/outbox",
];
const pages = globSync("docs/{,guides/}*.md", { cwd: ROOT })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => !OTHERS.some((name) => path === `docs/${name}.md`))
  .sort();

/** What a page imports, and where that is here. */
const MODULES = {
  eddyline: "pkg/src/entry/node.ts",
  "eddyline/server": "pkg/src/server/index.ts",
  "eddyline/ioredis": "pkg/src/entry/ioredis.ts",
  "eddyline/redis": "pkg/src/entry/redis.ts",
};

/** The blocks of a language, one after the other. */
function blocksOf(markdown: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...markdown.matchAll(pattern)].map(([, block]) => block as string);
}

async function runTypeScript(program: string): Promise<string> {
  let source = program.replaceAll('"file:./', `"file:${folder}/`);
  for (const [name, path] of Object.entries(MODULES))
    source = source.replaceAll(`from "${name}"`, `from "file://${ROOT}${path}"`);
  // What only a browser has is in memory here.
  source = source.replaceAll(/"idb:\/\/[^"]*"/g, '"memory://"');
  const args = ["--input-type=module-typescript", "--eval", source];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    timeout: 60_000,
  });
  return stdout;
}

/** A command of a transcript, and what it writes. */
interface Step {
  readonly command: string;
  readonly expected: string;
}

function stepsOf(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [, command = "", expected = ""] = /^((?:[^\n]*\\\n)*[^\n]*\n)(.*)$/s.exec(text) ?? [];
      return { command: command.trimEnd(), expected };
    });
}

/** What a shell writes, command by command, in a folder of its own. */
async function runShell(commands: readonly string[], dir: string): Promise<string[]> {
  const mark = `--- ${Math.PI} ---`;
  const script = [
    `eddyline() { ${process.execPath} ${PROGRAM} "$@"; }`,
    'npx() { shift; eddyline "$@"; }',
    "number=0; exec 2>&1",
    ...commands.map((command) => `${inBackground(command)}\ncode=$?; echo "${mark}"; (exit $code)`),
  ];
  const file = join(dir, "transcript.sh");
  writeFileSync(file, `${script.join("\n")}\n`);
  // A group of its own, so that what goes on in the background can be ended with it.
  const child = spawn("bash", [file], { cwd: dir, detached: true });
  const [exited, closed] = [once(child, "exit"), once(child, "close")];
  const patience = setTimeout(() => endGroup(child.pid), PATIENCE_MS);
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  await exited;
  clearTimeout(patience);
  endGroup(child.pid);
  await closed;
  rmSync(file);
  return out.split(`${mark}\n`).slice(0, -1);
}

/** Ends what a shell has begun. */
function endGroup(pid: number | undefined): void {
  try {
    process.kill(-(pid ?? Number.NaN), "SIGKILL");
  } catch (error) {
    // Nothing goes on any more.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** What goes on is waited for until it says where it listens. */
function inBackground(command: string): string {
  if (!command.endsWith("&")) return command;
  const ready = 'until grep -qs "127.0.0.1" log.$number; do sleep 0.05; done';
  return `number=$((number + 1)); ${command.slice(0, -1)} > log.$number 2>&1 &\n${ready}`;
}

/** Ports that pages name. */
const NAMED = ["6379", "8080", "8379"];
/** Below those that a system gives to who asks for any, so that no other test is given one. */
const FIRST_PORT = 21_000;
const PORTS_OF_PAGE = 50;

/** Ports that nobody listens on, in place of those that a page names. */
async function portsFor(page: number): Promise<Map<string, string>> {
  const ports = new Map<string, string>();
  let port = FIRST_PORT + page * PORTS_OF_PAGE;
  for (const name of NAMED) {
    while (!(await isFree(port))) port++;
    ports.set(name, `${port++}`);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return isFree;
}

/** Writes some words in place of others, each once. */
function replaceAll(text: string, words: ReadonlyMap<string, string>): string {
  const pattern = new RegExp([...words.keys()].join("|"), "g");
  return text.replaceAll(pattern, (word) => words.get(word) ?? word);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** What is written instead of `…` may be anything; a line of it alone may be many. */
function patternOf(expected: string): RegExp {
  const lines = expected.split("\n").map((line) => {
    if (line === "…") return "(?:[^\\n]*\\n)*?[^\\n]*";
    return line
      .split("…")
      .map((part) => literal(part))
      .join("[^\\n]*");
  });
  return new RegExp(`^${lines.join("\\n")}$`);
}

describe("the pages of docs", { concurrency: 2 }, () => {
  it("are there", () => {
    assert.ok(pages.length >= 10, pages.join(" "));
  });

  for (const [number, page] of pages.entries()) {
    const markdown = readFileSync(join(ROOT, page), "utf8");
    const programs = [...blocksOf(markdown, "ts"), ...blocksOf(markdown, "js")];
    const transcripts = blocksOf(markdown, "console");

    it(`${page}: its links lead somewhere`, () => {
      const prose = markdown.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "code");
      const links = [...prose.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)];
      const dead = links.filter(([, path = ""]) => {
        // The reference is made by `npm run docs`.
        return !path.includes("api/") && !existsSync(join(ROOT, dirname(page), path));
      });
      assert.deepEqual(
        dead.map(([, path]) => path),
        [],
      );
    });

    const excerpts = blocksOf(markdown, "typescript");
    if (excerpts.length > 0)
      it(`${page}: its excerpts are of examples that are tested`, () => {
        const [, example = ""] = /\]\([./]*(examples\/[^)]+)\)/.exec(markdown) ?? [];
        const sources = globSync(`${example}/src/*.ts`, { cwd: ROOT });
        const source = sources.map((path) => readFileSync(join(ROOT, path), "utf8")).join("\n");
        for (const excerpt of excerpts) assert.ok(source.includes(excerpt), excerpt);
      });

    if (programs.length > 0)
      it(`${page}: its program prints what it says`, async () => {
        const printed = await runTypeScript(programs.join("\n"));
        const expected = blocksOf(markdown, "text").join("");
        assert.match(printed, patternOf(expected), printed);
      });

    if (transcripts.length > 0)
      it(`${page}: its transcript is what a shell writes`, async () => {
        const steps = transcripts.flatMap(stepsOf);
        const ports = await portsFor(number);
        const names = new Map([...ports].map(([name, port]) => [port, name]));
        const commands = steps.map(({ command }) => replaceAll(command, ports));
        const written = await runShell(commands, mkdtempSync(join(folder, "shell-")));
        for (const [at, { command, expected }] of steps.entries()) {
          const text = replaceAll(written[at] ?? "", names);
          assert.match(text, patternOf(expected), `${command}\n${text}`);
        }
      });
  }
});
