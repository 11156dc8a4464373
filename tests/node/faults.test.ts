/**
 * `file:` storage that fails at the n-th statement, for every n of a short history, and a log that
 * is torn or spoilt anywhere: what was acknowledged is there, or the state is one that was.
 */

import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StatementSync } from "node:sqlite";
import { after, describe, it, mock } from "node:test";
import { Eddyline, type OpenOptions } from "../../pkg/src/entry/node.ts";
import { type Command, run, shortHistory } from "../storage/history.ts";
import { type Life, Model, stateOf } from "../storage/model.ts";
import { randomOf } from "../storage/random.ts";

const OPTIONS: OpenOptions = { appendfsync: "no", maxResidentBytes: 60_000 };
const DATABASE = "eddyline.sqlite";
const LOG = `${DATABASE}-wal`;

const root = mkdtempSync(join(tmpdir(), "eddyline-faults-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `${++folders}`);
const open = (folder: string) => Eddyline.open(`file:${folder}`, OPTIONS);

/** Sends a history, three commands at once, until one fails; what became of it. */
async function live(db: Eddyline, commands: readonly Command[]): Promise<Life & { error?: Error }> {
  const life = { sent: [] as Command[], acknowledged: [] as string[] };
  for (let at = 0; at < commands.length; at += 3) {
    const some = commands.slice(at, at + 3);
    life.sent.push(...some);
    const answers = await Promise.allSettled(some.map((command) => run(db, command)));
    for (const answer of answers) {
      if (answer.status === "rejected") return { ...life, error: answer.reason };
      life.acknowledged.push(answer.value);
    }
  }
  return life;
}

describe("a storage that fails at its n-th statement", () => {
  const { run: runStatement } = StatementSync.prototype;
  const history = shortHistory(randomOf(11), 70, 9);
  const rest = shortHistory(randomOf(12), 6, 6);

  for (const when of ["before", "after"] as const) {
    it(`which was ${when === "before" ? "not run" : "run all the same"}`, async (context) => {
      let failures = 0;
      for (let n = 1; ; n++) {
        let statements = 0;
        const failing = mock.method(
          StatementSync.prototype,
          "run",
          function (this: StatementSync, ...params: Parameters<typeof runStatement>) {
            const fails = ++statements === n;
            const result =
              fails && when === "before" ? undefined : runStatement.apply(this, params);
            if (fails) throw Object.assign(new Error("disk I/O error"), { errcode: 10 });
            return result;
          },
        );
        const folder = newFolder();
        const model = await Model.open();
        try {
          const db = await open(folder);
          const life = await live(db, history);
          if (life.error !== undefined) {
            failures += 1;
            assert.equal((life.error as Error & { code?: string }).code, "ENGINE_LOST");
          }
          await model.follow(life, db);
          await model.follow(await live(db, rest), db);
          await db.close();
          const again = await open(folder);
          await model.follow({ sent: [], acknowledged: [] }, again);
          await again.close();
        } catch (cause) {
          throw new Error(`at statement ${n}`, { cause });
        } finally {
          failing.mock.restore();
        }
        await model.close();
        rmSync(folder, { recursive: true });
        if (statements < n) break;
      }
      assert.ok(failures > 40);
      context.diagnostic(`${failures} failures`);
    });
  }
});

describe("a log that ends early or is spoilt", () => {
  /** A folder as the end of power may leave it, and every state that its streams have been in. */
  async function make(): Promise<{ folder: string; states: string[] }> {
    const folder = newFolder();
    const db = await open(folder);
    const memory = await Eddyline.open("memory://");
    const states = [await stateOf(memory)];
    for (const command of shortHistory(randomOf(13), 300, 100)) {
      assert.equal(await run(db, command), await run(memory, command));
      states.push(await stateOf(memory));
    }
    const left = newFolder();
    mkdirSync(left);
    for (const name of [DATABASE, LOG]) copyFileSync(join(folder, name), join(left, name));
    await Promise.all([db.close(), memory.close()]);
    return { folder: left, states };
  }

  /** Which of the states the folder is in after its log was changed. */
  async function stateAfter(
    folder: string,
    states: readonly string[],
    change: (log: string) => void,
  ): Promise<number> {
    const spoilt = newFolder();
    mkdirSync(spoilt);
    for (const name of [DATABASE, LOG]) copyFileSync(join(folder, name), join(spoilt, name));
    change(join(spoilt, LOG));
    const db = await open(spoilt);
    const at = states.lastIndexOf(await stateOf(db));
    await db.close();
    rmSync(spoilt, { recursive: true });
    assert.ok(at >= 0, "the state is one that was");
    return at;
  }

  it("gives the state after the last whole commit", async (context) => {
    const { folder, states } = await make();
    const { size } = statSync(join(folder, LOG));
    const random = randomOf(14);
    assert.equal(await stateAfter(folder, states, () => {}), states.length - 1);
    const seen = new Set<number>();
    let last = 0;
    const cuts = Array.from({ length: 60 }, () => random(size)).sort((a, b) => a - b);
    for (const cut of cuts) {
      const at = await stateAfter(folder, states, (log) => truncateSync(log, cut));
      assert.ok(at >= last, "more of the log is no less of the history");
      last = at;
      seen.add(at);
    }
    for (let time = 0; time < 60; time++) {
      const place = random(size);
      const spoil = (log: string) => {
        const bytes = readFileSync(log);
        bytes.fill(random(256), place, place + 1 + random(5000));
        writeFileSync(log, bytes);
      };
      seen.add(await stateAfter(folder, states, spoil));
    }
    assert.ok(seen.size > 10, "many different states");
    context.diagnostic(`${size} bytes of log, ${seen.size} different states`);
  });
});
