/** resumable-stream: who comes late to a stream of text gets what it has missed, and the rest. */

import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { describe, it } from "node:test";
import { Redis } from "eddyline/ioredis";
import { createClient } from "eddyline/redis";

// It requires a client library although it is given clients.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === "ioredis" ? "eddyline/ioredis" : specifier, context),
});
const { createResumableStreamContext } = await import("resumable-stream/ioredis");

const CLIENTS = {
  "eddyline/ioredis": () => Promise.resolve(new Redis("memory://resumable")),
  "eddyline/redis": () => createClient({ url: "memory://resumable-2" }).connect(),
};

describe("resumable-stream", () => {
  for (const [name, connect] of Object.entries(CLIENTS)) {
    it(`resumes a stream over ${name}`, async () => {
      const [publisher, subscriber] = await Promise.all([connect(), connect()]);
      const context = createResumableStreamContext({
        waitUntil: null,
        publisher: publisher as Redis,
        subscriber: subscriber as Redis,
      });
      const source = Promise.withResolvers<ReadableStreamDefaultController<string>>();
      const make = () => new ReadableStream<string>({ start: source.resolve });
      const first = textOf(await context.resumableStream("answer", make));
      const words = await source.promise;
      words.enqueue("to be ");
      words.enqueue("or ");
      const late = textOf(await context.resumableStream("answer", () => assert.fail("made twice")));
      const skipping = textOf(await context.resumeExistingStream("answer", 6));
      words.enqueue("not");
      words.close();
      assert.deepEqual(await Promise.all([first, late, skipping]), [
        "to be or not",
        "to be or not",
        "or not",
      ]);
      assert.equal(await context.hasExistingStream("answer"), "DONE");
      for (const client of [publisher, subscriber]) client.disconnect();
    });
  }
});

async function textOf(stream: ReadableStream<string> | null | undefined): Promise<string> {
  let text = "";
  for await (const part of stream ?? []) text += part;
  return text;
}
