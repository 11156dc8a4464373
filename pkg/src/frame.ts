/**
 * The frame in which the engine hands over what a call brought about; must agree with
 * `write_frame` in `src/turn.rs`, where its layout is written down. What it has for a storage is
 * read by `storage-frame.ts`.
 */

const CLOSE = 2;
const SHUTDOWN = 32;
const UNFINISHED = 64;
/** The flags from this bit on are those of the module's parts. */
const PARTS_SHIFT = 7;
const HEAD_BYTES = 36;
const TOLD_HEAD_BYTES = 16;

/** Replies for a client: a range of the frame's bytes. */
export interface Told {
  client: number;
  start: number;
  end: number;
  /** Whether the engine hangs up on it after that. */
  close: boolean;
  /** Whether requests of it rest, because these replies are large. */
  unfinished: boolean;
}

/** One turn of the engine, as it lies in wasm memory: valid until the next call of the engine. */
export class TurnFrame {
  /** The memory that the ranges are of. */
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(HEAD_BYTES));
  /** Where it begins. */
  at = 0;

  /** Points at the frame that begins at `at`. */
  load(bytes: Uint8Array, view: DataView, at: number): this {
    this.bytes = bytes;
    this.view = view;
    this.at = at;
    return this;
  }

  /** The bits at its beginning. */
  get flags(): number {
    return this.#number(0);
  }

  /** Whether a client asks that everything be ended. */
  get shutdown(): boolean {
    return (this.flags & SHUTDOWN) !== 0;
  }

  /** The numbers of the module's parts for which somebody waits. */
  parts(): number[] {
    const parts: number[] = [];
    for (let flags = this.flags >>> PARTS_SHIFT, part = 0; flags > 0; flags >>>= 1, part++)
      if ((flags & 1) === 1) parts.push(part);
    return parts;
  }

  /** When to tick at the latest; NaN: never. */
  get deadlineMs(): number {
    return this.view.getFloat64(this.at + 4, true);
  }

  /** Where the calling client's replies end, behind which the journal batch lies. */
  get replyEnd(): number {
    return this.at + HEAD_BYTES + this.#number(20);
  }

  get journalLength(): number {
    return this.#number(24);
  }

  /** What is for clients, in the order in which it is to go out, the caller's first. */
  told(caller: number | undefined): Told[] {
    const { view, replyEnd } = this;
    const told: Told[] = [];
    const tell = (client: number, flags: number, start: number, end: number): void => {
      const [close, unfinished] = [(flags & CLOSE) !== 0, (flags & UNFINISHED) !== 0];
      told.push({ client, start, end, close, unfinished });
    };
    if (caller !== undefined) tell(caller, this.flags, this.at + HEAD_BYTES, replyEnd);
    let at = replyEnd + this.journalLength;
    for (let left = this.#number(28); left > 0; left--) {
      const start = at + TOLD_HEAD_BYTES;
      const end = start + view.getUint32(at + 12, true);
      tell(view.getFloat64(at, true), view.getUint32(at + 8, true), start, end);
      at = end;
    }
    return told;
  }

  #number(offset: number): number {
    return this.view.getUint32(this.at + offset, true);
  }
}
