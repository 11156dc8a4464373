/** The wasm build as a host of scenarios: the engine alone, its clock driven by the test. */

import "../../pkg/src/entry/node.ts";
import { WasmEngine } from "../../pkg/src/engine.ts";
import type { TurnFrame } from "../../pkg/src/frame.ts";
import { replyEnd } from "../../pkg/src/framing.ts";
import { readNeeds } from "../../pkg/src/storage-frame.ts";
import { loadWasm, type Wasm } from "../../pkg/src/wasm.ts";
import type { Protocol } from "../cases/reply.ts";
import type { CaseHost, CaseTarget } from "../cases/runner.ts";

/** Where the driven clock begins: a day in 2023. */
const START_MS = 1_700_000_000_000;

/** Where every client says it comes from. */
const ORIGIN = "addr=127.0.0.1:1 laddr=127.0.0.1:2 fd=3";

/** An engine of its own for each scenario. */
export const wasmHost: CaseHost = {
  has: new Set(["connection", "blocking"]),
  release: [8, 10],
  open: async () => new WasmTarget(newEngine(await loadWasm())),
};

/** An engine that keeps nothing. */
export function newEngine(wasm: Wasm): WasmEngine {
  return new WasmEngine(wasm, { journaled: false }, new Uint8Array(0));
}

/** An engine as what a scenario is run on. */
export class WasmTarget implements CaseTarget {
  readonly #engine: WasmEngine;
  readonly #clients = new Map<string, number>();
  /** What has reached each client and was not looked at yet. */
  readonly #inboxes = new Map<number, Uint8Array>();
  #lastClient = 0;
  #nowMs = START_MS;
  #deadlineMs = Number.NaN;

  constructor(engine: WasmEngine) {
    this.#engine = engine;
  }

  async send(client: string, protocol: Protocol, argv: readonly Uint8Array[]): Promise<void> {
    let id = this.#clients.get(client);
    if (id === undefined) {
      id = ++this.#lastClient;
      this.#clients.set(client, id);
      await this.#take(this.#engine.connect(this.#nowMs, id, ORIGIN));
      if (protocol === 3) await this.#run(id, ["HELLO", "3"]);
      this.#inboxes.delete(id);
    }
    await this.#run(id, argv);
  }

  async arrived(client: string): Promise<Uint8Array | undefined> {
    const id = this.#clients.get(client);
    const inbox = id === undefined ? undefined : this.#inboxes.get(id);
    if (id === undefined || inbox === undefined || inbox.byteLength === 0) return undefined;
    const end = replyEnd(inbox, 0);
    if (end < 0) throw new Error("a turn left a reply unfinished");
    this.#inboxes.set(id, inbox.subarray(end));
    return inbox.subarray(0, end);
  }

  async wait(client: string): Promise<Uint8Array | undefined> {
    for (;;) {
      const reply = await this.arrived(client);
      if (reply !== undefined || Number.isNaN(this.#deadlineMs)) return reply;
      this.#nowMs = Math.max(this.#nowMs, this.#deadlineMs);
      await this.#take(this.#engine.tick(this.#nowMs));
    }
  }

  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.#take(this.#engine.tick(this.#nowMs));
  }

  async close(client: string): Promise<void> {
    const id = this.#clients.get(client);
    if (id === undefined) return;
    this.#clients.delete(client);
    await this.#take(this.#engine.disconnect(this.#nowMs, id));
  }

  async end(): Promise<void> {
    this.#engine.free();
  }

  async #run(client: number, argv: readonly (string | Uint8Array)[]): Promise<void> {
    this.#engine.write(argv);
    await this.#take(this.#engine.turn(this.#nowMs, client), client);
  }

  async #take(frame: TurnFrame, caller?: number): Promise<void> {
    this.#deadlineMs = frame.deadlineMs;
    if (readNeeds(frame).length > 0)
      throw new Error("an engine without storage asked for a segment");
    for (const { client, start, end } of frame.told(caller))
      this.#deliver(frame, client, start, end);
    const [part] = frame.parts();
    if (part === undefined) return;
    this.#engine.takePart(part, await this.#engine.loadPart(part));
    await this.#take(this.#engine.tick(this.#nowMs));
  }

  #deliver(frame: TurnFrame, client: number, start: number, end: number): void {
    const before = this.#inboxes.get(client) ?? new Uint8Array(0);
    const inbox = new Uint8Array(before.byteLength + end - start);
    inbox.set(before);
    inbox.set(frame.bytes.subarray(start, end), before.byteLength);
    this.#inboxes.set(client, inbox);
  }
}
