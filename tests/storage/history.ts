/**
 * A history of commands that changes streams in every way, as a program runs it that will be killed,
 * and as a model repeats it. Runs in Node and in a browser.
 *
 * What a command does depends on those before it only, and on no clock: IDs are given but for their
 * sequence numbers, claims take entries of any age.
 */

import type { Random } from "./random.ts";

/** A command; a word `pad:3000` stands for so many bytes. */
export type Command = readonly string[];

/** What runs commands. */
export interface CommandRunner {
  sendCommand(argv: readonly string[]): Promise<unknown>;
}

/** Who keeps account of a history. */
export interface Account {
  /** A command is going to be sent; it is when this has resolved. */
  sent(command: Command): void | Promise<void>;
  /** The next command in the order of sending was answered; `digest` tells answers apart. */
  acknowledged(digest: string): void;
}

/** Keys that the commands use, each with the one group. */
export const KEYS = ["a", "b", "c"] as const;
export const GROUP = "g";

const CONSUMERS = ["ana", "ben", "cho"] as const;
/** Steps of several commands each that are under way at once. */
const STEPS_UNDER_WAY = 4;

/** Runs a command; what came back, as text that tells answers apart. */
export async function run(runner: CommandRunner, command: Command): Promise<string> {
  const argv = command.map((word) => {
    const bytes = /^pad:(\d+)$/.exec(word)?.[1];
    return bytes === undefined ? word : "x".repeat(Number(bytes));
  });
  const reply = await runner.sendCommand(argv).catch((error: { code: string; message: string }) => {
    if (error.code === "CLOSED" || error.code === "ENGINE_LOST") throw error;
    return error.message;
  });
  return digest(JSON.stringify(reply));
}

/** Runs commands until it is killed. `start` is greater than every ID's time in the streams. */
export async function runHistory(
  runner: CommandRunner,
  account: Account,
  random: Random,
  start: number,
): Promise<never> {
  const underWay: Promise<unknown>[] = [];
  let time = start;
  for (;;) {
    const commands = Array.from({ length: 1 + random(6) }, () => makeCommand(random, time++));
    for (const command of commands) await account.sent(command);
    const answers = commands.map((command) => run(runner, command));
    // Answers come in the order of the commands, so they are told in it.
    for (const answer of answers)
      underWay.push(answer.then((digest) => account.acknowledged(digest)));
    while (underWay.length > STEPS_UNDER_WAY * 6) await underWay.shift();
    if (random(3) === 0) await Promise.all(underWay.splice(0));
    // Another turn of the engine, perhaps the same commit.
    await Promise.resolve();
  }
}

/**
 * A history that creates its groups first. Every `largeEvery`-th command adds so much that a
 * checkpoint is soon due.
 */
export function shortHistory(random: Random, length: number, largeEvery: number): Command[] {
  const groups = KEYS.map((key) => ["XGROUP", "CREATE", key, GROUP, "0", "MKSTREAM"]);
  const commands = Array.from({ length }, (_, at) =>
    at % largeEvery === largeEvery - 1
      ? ["XADD", KEYS[at % KEYS.length] ?? "a", `${at + 1}-*`, "p", `pad:${60_000 + at}`]
      : makeCommand(random, at + 1),
  );
  return [...groups, ...commands];
}

/** A command of any kind, at `time`, which no other command has. */
export function makeCommand(random: Random, time: number): Command {
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const [key, consumer] = [pick(KEYS), pick(CONSUMERS)];
  const earlier = () => `${Math.max(1, time - random(400))}-0`;
  const several = () => Array.from({ length: 1 + random(8) }, earlier);
  const count = () => ["COUNT", `${1 + random(20)}`];
  const forms: readonly (readonly [weight: number, make: () => Command])[] = [
    [40, () => ["XADD", key, ...trim(random), `${time}-*`, "v", `${time}`, "p", padding(random)]],
    [14, () => ["XREADGROUP", "GROUP", GROUP, consumer, ...count(), "STREAMS", key, ">"]],
    [3, () => ["XREADGROUP", "GROUP", GROUP, consumer, ...count(), "STREAMS", key, "0"]],
    [14, () => ["XACK", key, GROUP, ...several()]],
    [5, () => ["XCLAIM", key, GROUP, consumer, "0", ...several()]],
    [4, () => ["XAUTOCLAIM", key, GROUP, consumer, "0", earlier(), ...count()]],
    [3, () => ["XDEL", key, ...several()]],
    [2, () => ["XTRIM", key, "MAXLEN", pick(["~", "="]), `${30 + random(200)}`]],
    [2, () => ["XGROUP", "CREATE", key, GROUP, pick(["0", "$", earlier()]), "MKSTREAM"]],
    [1, () => ["XGROUP", "SETID", key, GROUP, earlier()]],
    [1, () => ["XGROUP", "DELCONSUMER", key, GROUP, consumer]],
    [1, () => (random(8) === 0 ? ["DEL", key] : ["XGROUP", "DESTROY", key, "other"])],
  ];
  let left = random(forms.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, make] of forms) {
    if (left < weight) return make();
    left -= weight;
  }
  throw new Error("the weights have a sum");
}

function trim(random: Random): string[] {
  if (random(10) > 0) return [];
  return ["MAXLEN", random(2) === 0 ? "~" : "=", `${50 + random(250)}`];
}

/** Mostly little, sometimes more than a segment holds. */
function padding(random: Random): string {
  if (random(300) === 0) return `pad:${100_000 + random(300_000)}`;
  return `pad:${random(random(5) === 0 ? 4000 : 60)}`;
}

/** A short text that tells texts apart. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return `${text.length}.${hash.toString(16)}`;
}
