/** Fills a stream with order events: through a client of this process, or a server's socket. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { StreamClient } from "eddyline";
import { progress } from "./measure.ts";
import { orderEvent, orderRequest } from "./orders.ts";

const AT_ONCE = 1000;
const CHUNK_BYTES = 256 << 10;

/** The events of a stream from one number to before another one. */
export interface Filling {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** What it takes of a client; the package's and its source's are two classes. */
export type Filled = Pick<StreamClient, "xAdd" | "xLen">;

/** Appends the events to a stream of this process. */
export async function fill(client: Filled, { key, from, to }: Filling): Promise<void> {
  for (let first = from; first < to; first += AT_ONCE) {
    const calls: Promise<string>[] = [];
    for (let n = first; n < Math.min(first + AT_ONCE, to); n++) {
      const { id, fields } = orderEvent(n);
      calls.push(client.xAdd(key, id, fields));
    }
    await Promise.all(calls);
    showFilled("eddyline", first, to);
  }
  progress("");
  assert.equal(await client.xLen(key), to);
}

/** Appends the events to a stream of a redis-server. */
export async function fillServer(port: number, { key, from, to }: Filling): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  // Replies are not wanted, so that nobody has to read them; the last one says that all is done.
  let chunk = "CLIENT REPLY OFF\r\n";
  for (let n = from; n < to; n++) {
    chunk += orderRequest(key, n);
    if (chunk.length < CHUNK_BYTES) continue;
    if (!socket.write(chunk, "latin1")) await once(socket, "drain");
    chunk = "";
    showFilled("redis-server", n, to);
  }
  socket.end(`${chunk}CLIENT REPLY ON\r\nXLEN ${key}\r\n`);
  let text = "";
  for await (const piece of socket) text += String(piece);
  progress("");
  assert.equal(text, `+OK\r\n:${to}\r\n`);
}

function showFilled(who: string, done: number, all: number): void {
  const percent = Math.floor((done / all) * 100);
  progress(`${who}: ${percent} % of ${all.toLocaleString("en")} entries`);
}
