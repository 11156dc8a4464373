/**
 * What a history of commands must have led to: an engine in memory that repeats it, beside the
 * storage that was there when the program was killed.
 */

import assert from "node:assert/strict";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { type Command, type CommandRunner, GROUP, KEYS, run } from "./history.ts";

/** An account of one life of the program. */
export interface Life {
  /** Commands in the order of sending. */
  readonly sent: readonly Command[];
  /** Digests of the answers; the first command's comes first. */
  readonly acknowledged: readonly string[];
}

/** Repeats what was acknowledged, and whatever else turns out to have happened. */
export class Model {
  readonly #db: Eddyline;

  private constructor(db: Eddyline) {
    this.#db = db;
  }

  static async open(): Promise<Model> {
    return new Model(await Eddyline.open("memory://"));
  }

  /**
   * Takes a life in: everything acknowledged has happened as it was told, and of what was under way
   * the first so many have, no later one without those before it. Returns how many.
   */
  async follow({ sent, acknowledged }: Life, kept: CommandRunner): Promise<number> {
    for (const [at, digest] of acknowledged.entries()) {
      const command = sent[at] ?? [];
      assert.equal(await run(this.#db, command), digest, `the answer to ${command.join(" ")}`);
    }
    const state = await stateOf(kept);
    const underWay = sent.slice(acknowledged.length);
    for (let happened = 0; ; happened++) {
      const own = await stateOf(this.#db);
      const next = underWay[happened];
      if (own === state) return happened;
      // Nothing that was under way explains it: say how they differ with all of it done.
      if (next === undefined) assert.deepEqual(JSON.parse(state), JSON.parse(own));
      else await run(this.#db, next);
    }
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

/** All that can be asked about the streams but for the times when things happened. */
export async function stateOf(db: CommandRunner): Promise<string> {
  const ask = (...argv: string[]) =>
    db.sendCommand(argv).catch((error: { code: string; message: string }) => {
      if (error.code === "ERR" || error.code === "NOGROUP") return error.code;
      throw error;
    });
  const streams = KEYS.map(async (key) => {
    const [stream, groups, entries, pending] = await Promise.all([
      ask("XINFO", "STREAM", key),
      ask("XINFO", "GROUPS", key),
      ask("XRANGE", key, "-", "+"),
      ask("XPENDING", key, GROUP, "-", "+", "1000000"),
    ]);
    return { key, stream: sizesOf(stream), groups, entries, pending: withoutIdle(pending) };
  });
  return JSON.stringify(await Promise.all(streams));
}

/** Without what tells of memory instead of the stream. */
function sizesOf(info: unknown): unknown {
  if (typeof info !== "object" || info === null) return info;
  return { ...info, "radix-tree-keys": 0, "radix-tree-nodes": 0 };
}

function withoutIdle(pending: unknown): unknown {
  if (!Array.isArray(pending)) return pending;
  return pending.map(([id, consumer, , count]) => [id, consumer, count]);
}
