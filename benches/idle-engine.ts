/**
 * The package with an engine that does nothing: arguments are encoded, a turn gives replies that were
 * made before, they are decoded. What is left of a call's time when the engine takes none.
 */

import { Calls } from "../pkg/src/calls.ts";
import { Eddyline } from "../pkg/src/eddyline.ts";
import type { WasmEngine } from "../pkg/src/engine.ts";
import { TurnFrame } from "../pkg/src/frame.ts";
import { EngineHost } from "../pkg/src/host.ts";
import { type Argv, requestBound, writeRequest } from "../pkg/src/resp.ts";

/** Bytes of a frame before the replies, see `src/turn.rs`. */
const HEAD_BYTES = 36;
const FIRST_MS = 1_700_000_000_000;
const encoder = new TextEncoder();

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const idOf = (n: number): string => `${FIRST_MS + n}-0`;

/** An entry as it stands in a reply. */
function entryOf(n: number): string {
  const fields = ["sensor", "7", "celsius", "21.5"].map(bulk).join("");
  return `*2\r\n${bulk(idOf(n))}*4\r\n${fields}`;
}

function entries(count: number): string {
  return `*${count}\r\n${Array.from({ length: count }, (_, n) => entryOf(n)).join("")}`;
}

/** What each command is answered with. */
const REPLIES: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  Object.entries({
    HELLO: "+OK\r\n",
    DEL: ":1\r\n",
    XLEN: ":1000\r\n",
    XGROUP: "+OK\r\n",
    XADD: bulk(idOf(0)),
    XRANGE: entries(10_000),
    XREADGROUP: `%1\r\n${bulk("s")}${entries(100)}`,
    XACK: ":100\r\n",
  }).map(([name, text]) => [name, encoder.encode(text)]),
);

class IdleEngine {
  readonly #frame = new TurnFrame();
  #requests = new Uint8Array(1 << 20);
  #output = new Uint8Array(1 << 20);
  #view = new DataView(this.#output.buffer);
  #replies: Uint8Array[] = [];
  written = 0;
  residentBytes = 0;

  vouch(): void {}
  free(): void {}

  write(argv: Argv): void {
    const end = this.written + requestBound(argv);
    if (end > this.#requests.length) {
      const longer = new Uint8Array(end * 2);
      longer.set(this.#requests);
      this.#requests = longer;
    }
    this.written = writeRequest(this.#requests, this.written, argv);
    const reply = REPLIES[String(argv[0])];
    if (reply === undefined) throw new Error(`nothing is prepared for ${String(argv[0])}`);
    this.#replies.push(reply);
  }

  turn(): TurnFrame {
    this.written = 0;
    const length = this.#replies.reduce((sum, reply) => sum + reply.length, 0);
    if (HEAD_BYTES + length > this.#output.length) {
      this.#output = new Uint8Array((HEAD_BYTES + length) * 2);
      this.#view = new DataView(this.#output.buffer);
    }
    let at = HEAD_BYTES;
    for (const reply of this.#replies) {
      this.#output.set(reply, at);
      at += reply.length;
    }
    this.#replies = [];
    this.#view.setFloat64(4, Number.NaN, true);
    this.#view.setUint32(20, length, true);
    return this.#frame.load(this.#output, this.#view, 0);
  }

  tick = this.turn;
  cancel = this.turn;
  disconnect = this.turn;
}

/** A keyspace on an engine that does nothing. */
export function openIdle(): Eddyline {
  const host = new EngineHost({
    engine: new IdleEngine() as unknown as WasmEngine,
    now: Date.now,
    onLost: (cause) => {
      throw cause;
    },
    onShutdown: () => {},
  });
  const calls = new Calls(host);
  return Eddyline.over({
    send: (argv, read, wait) => calls.send(argv, read, wait),
    transact: (commands, read) => calls.transact(commands, read),
    close: async () => calls.end(new Error("closed")),
  });
}
