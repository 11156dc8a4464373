/**
 * What a Redis of 8.8 answered (`tests/recorded`), replayed on `eddyline serve`: each script in one
 * pipeline, in RESP2 and in RESP3. On the engine alone `tests/recorded.rs` does the same.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { encodeRequests } from "../../pkg/src/framing.ts";
import {
  decodeReply,
  type Expected,
  isExpected,
  type Protocol,
  show,
  toBytes,
} from "../cases/reply.ts";
import { Served } from "./served.ts";
import { RawClient } from "./server-socket.ts";

interface Step {
  readonly cmd: readonly string[];
  readonly resp2: unknown;
  readonly resp3: unknown;
}

interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** A step that is answered otherwise on purpose. */
interface OnPurpose {
  readonly name: string;
  readonly step: number;
  readonly reason: string;
}

const scripts = ["probes", "random"].flatMap((file) => lines<Script>(file));
const onPurpose = lines<OnPurpose>("on-purpose");

/** The objects of a file, one to a line, with integers that JavaScript's numbers would round. */
function lines<Line>(file: string): Line[] {
  const text = readFileSync(new URL(`../recorded/${file}.jsonl`, import.meta.url), "utf8");
  const exact = (_: string, value: unknown, context: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value)
      ? BigInt(context.source as string)
      : value;
  const parse = JSON.parse as (text: string, reviver: typeof exact) => Line;
  return text
    .trimEnd()
    .split("\n")
    .map((line) => parse(line, exact));
}

/** What was recorded, as scenarios have it. */
function expected(recorded: unknown): Expected {
  if (typeof recorded === "string") return { type: "bulk", text: recorded };
  if (typeof recorded === "number" || typeof recorded === "bigint")
    return { type: "int", value: BigInt(recorded) };
  if (Array.isArray(recorded)) return { type: "array", items: recorded.map(expected) };
  const { s, e, nil, map } = recorded as { s?: string; e?: string; nil?: string; map?: unknown[] };
  if (s !== undefined) return { type: "simple", text: s };
  if (e !== undefined) return { type: "error", text: e };
  if (nil !== undefined) return { type: nil === "*" ? "nilArray" : "nilBulk" };
  if (map === undefined) return { type: "any" };
  const pair = ([key, value]: unknown[]): [Expected, Expected] => [expected(key), expected(value)];
  return { type: "map", pairs: (map as unknown[][]).map(pair) };
}

const request = (words: readonly string[]) => encodeRequests([words.map(toBytes)]);

/** A client of an empty server that is configured as the recorded one was. */
async function connect(port: number, protocol: Protocol): Promise<RawClient> {
  const client = await RawClient.open(port);
  const nodes = ["stream-node-max-entries", "100", "stream-node-max-bytes", "4096"];
  for (const words of [["FLUSHALL"], ["CONFIG", "SET", ...nodes]])
    assert.equal(await client.ask(request(words)), "+OK\r\n");
  await client.ask(request(["HELLO", String(protocol)]));
  return client;
}

async function replay(port: number, script: Script, protocol: Protocol): Promise<void> {
  const client = await connect(port, protocol);
  client.write(encodeRequests(script.steps.map(({ cmd }) => cmd.map(toBytes))));
  for (const [at, step] of script.steps.entries()) {
    const came = decodeReply(await client.replyBytes());
    if (onPurpose.some(({ name, step }) => name === script.name && step === at)) continue;
    const wanted = expected(protocol === 3 ? step.resp3 : step.resp2);
    const place = `${script.name} step ${at}: ${step.cmd.join(" ")}`;
    const words = `${place}\nrecorded ${show(wanted)}\ncame     ${show(came)}`;
    assert.ok(isExpected(wanted, came, protocol), words);
  }
  assert.equal(client.unread, "");
  client.close();
}

describe("a recorded server's replies", () => {
  for (const protocol of [2, 3] as const) {
    it(`are those of eddyline serve in RESP${protocol}`, async () => {
      await using served = await Served.start();
      for (const script of scripts) await replay(served.port, script, protocol);
    });
  }
});
