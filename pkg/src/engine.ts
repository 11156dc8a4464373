/** An engine in wasm memory: requests are written to where it reads them, turns read where it leaves them. */

import { Engine } from "../wasm/generated/eddyline.js";
import { TurnFrame } from "./frame.ts";
import * as limits from "./limits.ts";
import type { PartName } from "./platform.ts";
import { type Argv, requestBound, writeRequest } from "./resp.ts";
import type { BlobKey } from "./storage/storage.ts";
import { encodeText } from "./text.ts";
import type { Wasm } from "./wasm.ts";

/** The parts that commands are of, by the engine's numbers (`src/part.rs`). */
const PARTS: readonly PartName[] = ["rest", "inspection"];

/** What an engine is told at its start. */
export interface EngineOptions {
  /** Whether turns carry a journal. */
  journaled: boolean;
  /** Bytes of entries kept in memory before cold ones are evicted; by default there is no bound. */
  maxResidentBytes?: number;
  /** Bytes of replies after which a turn leaves the client's other requests for a next one; likewise. */
  turnReplyBytes?: number;
}

/**
 * An engine. A turn that it returns is valid until its next method is called.
 *
 * A method that throws has trapped; the engine is then of no use any more.
 */
export class WasmEngine {
  readonly #engine: Engine;
  readonly #wasm: Wasm;
  readonly #frame = new TurnFrame();
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Address and length of the input buffer; it stays where it is until it is made longer. */
  #input = 0;
  #capacity = 0;
  #written = 0;

  constructor(wasm: Wasm, options: EngineOptions, stored: Uint8Array) {
    const unbounded = Number.POSITIVE_INFINITY;
    const { journaled, maxResidentBytes = unbounded, turnReplyBytes = unbounded } = options;
    this.#engine = new Engine(journaled, maxResidentBytes, turnReplyBytes, stored);
    this.#wasm = wasm;
    for (const [number, name] of PARTS.entries())
      if (wasm.parts?.[name].isLinked === false) this.#engine.awaitPart(number);
  }

  /** Bytes of requests written and not yet run. */
  get written(): number {
    return this.#written;
  }

  /** Writes a request behind those written before. */
  write(argv: Argv): void {
    this.#makeRoom(requestBound(argv));
    this.#written = writeRequest(this.#bytes, this.#input + this.#written, argv) - this.#input;
  }

  /** Writes bytes of requests behind those written before. */
  writeBytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.byteLength);
    this.#bytes.set(bytes, this.#input + this.#written);
    this.#written += bytes.byteLength;
  }

  /** Notes a client of the network; `origin` is what CLIENT LIST says of it. */
  connect(nowMs: number, client: number, origin: string): TurnFrame {
    this.#engine.connect(nowMs, client, encodeText(origin));
    return this.#turn();
  }

  /** Vouches for a client of this process: it need not give the password. */
  vouch(client: number): void {
    this.#engine.vouch(client);
  }

  /** Says what a client of this process may do: `rules` are the words of one request. */
  permit(client: number, rules: Uint8Array): void {
    this.#engine.permit(client, rules);
  }

  /** Refuses commands that write, for a reason; without one they are taken again. */
  refuseWrites(reason: string): void {
    this.#engine.refuseWrites(encodeText(reason));
  }

  /** Runs what was written, as this client's. */
  turn(nowMs: number, client: number): TurnFrame {
    const length = this.#written;
    this.#written = 0;
    this.#engine.turn(nowMs, client, length);
    return this.#turn();
  }

  /** Ends waits whose time has come and goes on where something was missing. */
  tick(nowMs: number): TurnFrame {
    this.#engine.tick(nowMs);
    return this.#turn();
  }

  /** Ends a client's wait with the null reply that a timeout would give. */
  cancel(nowMs: number, client: number): TurnFrame {
    this.#engine.cancel(nowMs, client);
    return this.#turn();
  }

  /** Forgets a client and what it waits for. */
  disconnect(nowMs: number, client: number): TurnFrame {
    this.#engine.disconnect(nowMs, client);
    return this.#turn();
  }

  /** Hands in a blob that a turn needed. */
  supply(key: BlobKey, bytes: Uint8Array): void {
    this.#engine.supply(key.kind, key.stream, key.number, bytes);
  }

  /** Loads a part of the module, for which a turn said that somebody waits: whether it came. */
  async loadPart(number: number): Promise<boolean> {
    const name = PARTS[number];
    return (name && (await this.#wasm.parts?.[name].load())) ?? true;
  }

  /** Says what became of a part; who waits for it is run, or refused, at the next tick. */
  takePart(number: number, isLinked: boolean): void {
    this.#engine.takePart(number, isLinked);
  }

  /** What changed since the last checkpoint, which `read` takes from the frame at `at`. */
  checkpoint<T>(read: (bytes: Uint8Array, view: DataView, at: number) => T): T {
    this.#engine.checkpoint();
    this.#renew();
    return read(this.#bytes, this.#view, this.#engine.outputAddress());
  }

  /** Bytes of entries and pending records in memory. */
  get residentBytes(): number {
    return this.#engine.residentBytes();
  }

  /** Frees its memory. Not for an engine that has trapped. */
  free(): void {
    this.#engine.free();
  }

  #turn(): TurnFrame {
    const address = this.#engine.outputAddress();
    this.#renew();
    return this.#frame.load(this.#bytes, this.#view, address);
  }

  /** Sees to it that so many bytes fit behind what is written, which stays. */
  #makeRoom(bytes: number): void {
    const end = this.#written + bytes;
    if (end > this.#capacity) {
      this.#capacity = Math.max(end, limits.requestBytes, this.#capacity * 2);
      this.#input = this.#engine.input(this.#capacity);
    }
    this.#renew();
  }

  /** Makes the views anew when the memory has grown, which detaches them. */
  #renew(): void {
    if (this.#bytes.length > 0) return;
    const { buffer } = this.#wasm.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
