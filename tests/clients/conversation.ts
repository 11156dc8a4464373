/**
 * A conversation of a client with a server, written down answer by answer, so that one with Redis
 * and one with Eddyline can be compared.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { DROP_INS, type Server, type ServerName, startServer } from "./servers.ts";
import { steady } from "./steady.ts";

/** What the clients that stand in for others cannot do, when it is them whom the tests are for. */
const leftOut: readonly string[] | undefined = process.env.EDDYLINE_DROP_INS?.split("; ");
/** The first says what is right: it has every command up to 8.2. */
const IN_MEMORY = ["redis-server 8.2", leftOut === undefined ? "eddyline" : DROP_INS] as const;
/** They remember what they held when they start again. */
export const DURABLE = ["redis-server 8.2 with a log", "eddyline with a folder"] as const;
const PATIENCE_MS = 60_000;
/** How long one answer may take. */
const ANSWER_MS = 10_000;

/** Writes down an answer, or the text of the error in its place. */
export type Tell = (what: string, answer: unknown) => Promise<void>;

/** Talks to a server, which holds nothing, and tells what it answers. */
export type Talk = (server: Server, tell: Tell) => Promise<void>;

type Transcript = [what: string, answer: unknown][];

/** Tests of one client; `declare` declares them. */
export function conversations(
  client: string,
  declare: (those: Declare) => void,
  servers: readonly [ServerName, ServerName] = IN_MEMORY,
): void {
  if (isLeftOut("clients", client)) return;
  describe(client, () => {
    let right: Server;
    let ours: Server;
    before(async () => {
      [right, ours] = await Promise.all([startServer(servers[0]), startServer(servers[1])]);
    });
    after(() => Promise.all([right.stop(), ours.stop()]));
    declare({
      same(title, talk) {
        if (isLeftOut(client, title)) return;
        it(title, { timeout: PATIENCE_MS }, async () => {
          const expected = await transcribe(right, talk);
          assert.ok(expected.length > 0, "a conversation tells something");
          const isKnown = (what: string) => isLeftOut(`${client}: ${title}`, what);
          compare(await transcribe(ours, talk), expected, isKnown);
        });
      },
      newer: (title, expected, talk) =>
        it(title, { timeout: PATIENCE_MS }, async () => {
          compare(await transcribe(ours, talk), Object.entries(expected));
        }),
    });
  });
}

/** How tests are declared. */
export interface Declare {
  /** A conversation that has the same transcript with Redis and with Eddyline. */
  same(title: string, talk: Talk): void;
  /** One that the Redis at hand is too old for, with what Redis 8.8 would answer. */
  newer(title: string, expected: Record<string, unknown>, talk: Talk): void;
}

async function transcribe(server: Server, talk: Talk): Promise<Transcript> {
  await server.start();
  await server.flush();
  const transcript: Transcript = [];
  await talk(server, async (what, answer) => {
    transcript.push([what, await plain(what, answer)]);
  });
  return transcript;
}

/** The answer as data, also when it is an error. */
async function plain(what: string, answer: unknown): Promise<unknown> {
  const late = Promise.withResolvers<never>();
  const error = new Error(`no answer to ${what} within ${ANSWER_MS} ms`);
  const timer = setTimeout(() => late.reject(error), ANSWER_MS);
  try {
    const settled = Promise.resolve(answer).catch((refusal: unknown) => refusal);
    return steady(await Promise.race([settled, late.promise]));
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a client's conversation, or an answer in it, is known to be different. */
function isLeftOut(of: string, title: string): boolean {
  return leftOut?.some((known) => known === title || known === `${of}: ${title}`) ?? false;
}

function compare(
  ours: Transcript,
  expected: Transcript,
  isKnown: (what: string) => boolean = () => false,
): void {
  assert.deepEqual(ours.map(nameOf), expected.map(nameOf));
  const differences = expected.flatMap(([what, right], index) => {
    const answer = ours[index]?.[1];
    return isDeepStrictEqual(answer, right) !== isKnown(what)
      ? []
      : [{ what, right, ours: answer }];
  });
  assert.deepEqual(differences, []);
}

function nameOf([what]: Transcript[number]): string {
  return what;
}
