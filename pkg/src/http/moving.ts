/**
 * `GET /v1/streams/{key}/export` and `POST /v1/streams/{key}/import`: one key as an export file, a
 * piece at a time in either direction.
 *
 * | request | answer |
 * |---|---|
 * | GET …/export | 200 with the file; 404 when there is no such key |
 * | POST …/import, with the file | 200 `{"result": 1}`; 409 when the key is there already, 400 for a file that is damaged or cut, or holds several keys |
 * | with `?replace=true` | a key that is there is replaced |
 */

import { CommandError } from "../errors.ts";
import type { Speaker } from "../moving.ts";
import { readExport, writeImport } from "../moving-session.ts";
import { readableOf } from "../web-streams.ts";
import type { Call } from "./call.ts";
import { Conversation } from "./conversation.ts";
import { Failure, replyFailure } from "./failure.ts";

/** The file of a key. */
export async function exportKey(call: Call): Promise<Response> {
  const { signal } = call.request;
  const pieces = readExport(() => speakerOf(call), [keyOf(call)], { signal });
  // What is wrong with the request shows before the first piece.
  const first = await pieces.next().catch((error: unknown) => {
    throw failureOf(error);
  });
  const body = readableOf(
    (async function* () {
      try {
        if (!first.done) yield first.value;
        yield* pieces;
      } finally {
        await pieces.return();
      }
    })(),
  ) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(body, { headers: { "content-type": "application/octet-stream" } });
}

/** Makes a key of a file. */
export async function importKey(call: Call): Promise<Response> {
  const { body, signal } = call.request;
  const replace = call.url.searchParams.get("replace") === "true";
  const options = { as: keyOf(call), replace, signal };
  try {
    return Response.json({ result: await writeImport(() => speakerOf(call), body ?? [], options) });
  } catch (error) {
    throw failureOf(error);
  }
}

function keyOf({ parts }: Call): string {
  return parts[0] ?? "";
}

async function speakerOf({ backend, access }: Call): Promise<Speaker> {
  const conversation = new Conversation(backend, access);
  return {
    ask: async (argv, read) => {
      const reply = await conversation.ask(argv);
      if (reply.isError()) throw reply.error();
      return read(reply);
    },
    end: () => conversation.close(),
  };
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof CommandError)) return error;
  if (error.code === "BUSYKEY") return new Failure(409, error.message);
  if (error.message === "ERR no such key") return new Failure(404, error.message);
  return replyFailure(error.message);
}
