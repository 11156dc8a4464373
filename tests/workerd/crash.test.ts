/**
 * workerd is killed again and again while a client appends, reads, acknowledges, claims and trims:
 * all that was acknowledged is there, in order, and nothing that was not sent.
 * `EDDYLINE_CRASH_MS` says for how long.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline, TransportError } from "../../pkg/src/entry/node.ts";
import { type Command, type CommandRunner, KEYS, runHistory } from "../storage/history.ts";
import { Model } from "../storage/model.ts";
import { type Random, randomOf, seedOfRun } from "../storage/random.ts";
import { TOKEN, Workerd } from "./workerd.ts";

const LONG_MS = Number(process.env.EDDYLINE_CRASH_MS ?? 30_000);
/** IDs of one life are below those of the next. */
const IDS_A_LIFE = 1_000_000;
/** Puts the keys into one object: only there is an order over all of them. */
const TAG = "{one}";

test("a killed workerd has lost nothing acknowledged", async (context) => {
  await using server = await Workerd.start();
  const seed = seedOfRun();
  const random = randomOf(seed);
  const model = await Model.open();
  const totals = { kills: 0, acknowledged: 0, underWay: 0, happened: 0 };
  const end = performance.now() + LONG_MS;
  try {
    for (let life = 1; performance.now() < end; life++) {
      const account = await live(server, randomOf(seed + life), life, random);
      totals.kills += 1;
      totals.acknowledged += account.acknowledged.length;
      totals.underWay += account.sent.length - account.acknowledged.length;
      await using db = await open(server);
      totals.happened += await model.follow(account, tagged(db));
    }
  } catch (cause) {
    throw new Error(`seed ${seed}, kill ${totals.kills}`, { cause });
  }
  await model.close();
  assert.ok(totals.acknowledged > totals.kills, "it was worth it");
  context.diagnostic(JSON.stringify({ seed, ...totals }));
});

/** Runs a part of the history until the process is killed, and starts the next one. */
async function live(server: Workerd, history: Random, life: number, random: Random) {
  const sent: Command[] = [];
  const acknowledged: string[] = [];
  const enough = Promise.withResolvers<void>();
  const target = 1 + random(300);
  let isGone = false;
  await using db = await open(server, () => isGone);
  const account = {
    sent: (command: Command) => void sent.push(command),
    acknowledged: (digest: string) => {
      acknowledged.push(digest);
      if (acknowledged.length >= target) enough.resolve();
    },
  };
  runHistory(tagged(db), account, history, life * IDS_A_LIFE).catch(enough.reject);
  await enough.promise;
  await sleep(random(30));
  isGone = true;
  await server.kill();
  // What was answered before the kill is told before the next life begins.
  await server.restart();
  return { sent: [...sent], acknowledged: [...acknowledged] };
}

/**
 * @param isGone whether the process is killed: what is sent from then on must not reach the next one,
 *   which may answer before the client hears what became of the requests before
 */
function open(server: Workerd, isGone: () => boolean = () => false): Promise<Eddyline> {
  // Requests only: which of several ways a command takes is not what this is about.
  return Eddyline.open(server.address, {
    token: TOKEN,
    fetch: (request) =>
      isGone() ? Promise.reject(new TypeError("the process is gone")) : fetch(request),
  });
}

/** The client whose keys have the tag, as if they had none. It is silent once the process is gone. */
function tagged(db: Eddyline): CommandRunner {
  const isKey = (word: string) => (KEYS as readonly string[]).includes(word);
  return {
    sendCommand: async (argv) => {
      try {
        const words = argv.map((word) => (isKey(word) ? TAG + word : word));
        return JSON.parse(plain(JSON.stringify((await db.sendCommand(words)) ?? null)));
      } catch (error) {
        if (error instanceof TransportError) return new Promise(() => {});
        (error as Error).message = plain((error as Error).message);
        throw error;
      }
    },
  };
}

function plain(text: string): string {
  return text.replaceAll(TAG, "");
}
