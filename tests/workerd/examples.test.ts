/** The example Workers, with the package as npm packs it, bundled and run by wrangler. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { type RunningWorker, startWrangler } from "../browser/wrangler.ts";

const ROOT = join(import.meta.dirname, "../..");

let folder: string;
let tarball: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "eddyline-examples-"));
  const argv = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  tarball = execFileSync("npm", argv, { cwd: join(ROOT, "pkg"), encoding: "utf8" }).trim();
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs an example in a folder of its own, with what its package.json asks for. */
async function start(name: string): Promise<RunningWorker> {
  const project = join(folder, name);
  cpSync(join(ROOT, "examples", name), project, { recursive: true });
  const packages = join(project, "node_modules");
  mkdirSync(join(packages, "eddyline"), { recursive: true });
  const unpack = ["-xzf", join(folder, tarball), "--strip-components=1"];
  execFileSync("tar", unpack, { cwd: join(packages, "eddyline") });
  symlinkSync(join(ROOT, "node_modules/hono"), join(packages, "hono"));
  // wrangler looks for its own packages from the project on.
  writeFileSync(join(project, "tsconfig.json"), "{}");
  return startWrangler(project);
}

test("a Worker of one's own uses streams through its binding", async () => {
  await using worker = await start("worker");
  const post = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${worker.origin}${path}`, { method: "POST", ...init });
    assert.ok(response.ok, `${response.status} ${await response.clone().text()}`);
    return response.json();
  };
  const { id } = (await post("/orders", { item: "tea" })) as { id: string };
  assert.match(id, /^\d+-0$/);
  assert.deepEqual(await post("/work?consumer=ana"), [{ id, message: { item: "tea" } }]);
  const waiting = post("/work?consumer=ben");
  const { id: next } = (await post("/orders", { item: "cake" })) as { id: string };
  assert.deepEqual(await waiting, [{ id: next, message: { item: "cake" } }]);
  assert.equal(await post(`/done?id=${id}`), 1);
  assert.equal(await post(`/done?id=${id}`), 0);
  const all = await (await fetch(`${worker.origin}/orders`)).json();
  assert.deepEqual(all, [
    { id, message: { item: "tea" } },
    { id: next, message: { item: "cake" } },
  ]);
});

test("a Hono application has the front door below a path", async () => {
  await using worker = await start("hono");
  const room = `${worker.origin}/rooms/tea`;
  const body = new URLSearchParams({ text: "hello" });
  const posted = await fetch(room, { method: "POST", body });
  assert.equal(posted.status, 201);
  const { id } = (await posted.json()) as { id: string };
  const [said] = (await (await fetch(room)).json()) as { id: string; message: { text: string } }[];
  assert.equal(said?.message.text, "hello");
  const { token } = worker;
  await using db = await Eddyline.open(`${worker.origin}/streams/`, { token });
  assert.equal((await db.xRange("room:tea", "-", "+"))[0]?.id, id);
  const headers = { authorization: `Bearer ${token}` };
  const path = await fetch(`${worker.origin}/streams/xlen/room:tea`, { headers });
  assert.deepEqual(await path.json(), { result: 1 });
  assert.equal((await fetch(`${worker.origin}/streams/xlen/room:tea`)).status, 401);
  const events = await fetch(
    `${worker.origin}/streams/v1/streams/room:tea/events?from=0&token=${encodeURIComponent(token)}`,
  );
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("hello")) text += (await reader.read()).value;
  assert.ok(text.includes(`id: ${id}`) || text.includes(`id:${id}`), text);
  await reader.cancel();
});
