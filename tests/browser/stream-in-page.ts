/** Runs in the browser: a stream of values. Bundled by `stream.test.ts`. */

import { Eddyline } from "../../pkg/src/entry/browser.ts";
import { streamScenario } from "../stream-scenario.ts";

/** Goes through it with a keyspace at this address; then it can be opened again. */
export async function runScenario(where: string): Promise<number> {
  {
    await using db = await Eddyline.open(where);
    await streamScenario(db, "jobs");
  }
  await using db = await Eddyline.open(where);
  return await db.xLen("jobs");
}

/** Pipes a Web Stream of the platform into a stream of values and out again. */
export async function pipe(): Promise<number[]> {
  await using db = await Eddyline.open("memory://");
  const stream = db.stream<{ n: number }>("s");
  const source = new Response("1\n2\n3").body?.pipeThrough(new TextDecoderStream());
  const numbers = new TransformStream<string, { n: number }>({
    transform(text, controller) {
      for (const line of text.split("\n")) controller.enqueue({ n: Number(line) });
    },
  });
  await source?.pipeThrough(numbers).pipeTo(stream.writable());
  const read: number[] = [];
  const sink = new WritableStream<{ value: { n: number } }>({
    write: ({ value }) => void read.push(value.n),
  });
  await stream.readable({ follow: false }).pipeTo(sink);
  return read;
}
