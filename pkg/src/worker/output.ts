/** What a call of the core gives back; the layout is in worker/src/output.rs, which this must agree with. */

const FLAG_PARKED = 1;
const FLAG_CLOSE = 2;
const FLAG_BUSY = 4;

/** Bytes for one client. */
export interface Output {
  client: number;
  reply: Uint8Array<ArrayBuffer>;
  /** The client waits for a blocking read. */
  isParked: boolean;
  /** The client is to be disconnected. */
  isClosed: boolean;
  /** The client is in the middle of something that no attachment can hold, as an import. */
  isBusy: boolean;
}

/** A key that came, changed its type, or (`type` is null) went. */
export interface KeyChange {
  name: Uint8Array<ArrayBuffer>;
  type: string | null;
}

/** What one call of the core came to. */
export interface Outputs {
  /** When to call `tick`: `undefined` when nothing waits for time. */
  deadlineMs: number | undefined;
  /** When the next key expires. */
  expiryMs: number | undefined;
  /** Bytes of segments in memory. */
  residentBytes: number;
  keys: KeyChange[];
  /** What is to be sent, in order. */
  outputs: Output[];
}

/** What another core needs to go on with a session; see `Core.resumption` in worker/src/object.rs. */
export interface Resumption {
  setup: Uint8Array<ArrayBuffer>;
  wait: Uint8Array<ArrayBuffer>;
  deadlineMs: number | undefined;
}

const decoder = new TextDecoder();

/** Reads a frame. Replies and names are views of it. */
export function readOutputs(frame: Uint8Array<ArrayBuffer>): Outputs {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const keys: KeyChange[] = [];
  let at = 28;
  for (let left = view.getUint32(24, true); left > 0; left--) {
    const nameAt = at + 8 + view.getUint32(at, true);
    const end = nameAt + view.getUint32(at + 4, true);
    const type = decoder.decode(frame.subarray(at + 8, nameAt));
    keys.push({ name: frame.subarray(nameAt, end), type: type === "" ? null : type });
    at = end;
  }
  const outputs: Output[] = [];
  while (at < frame.byteLength) {
    const client = view.getFloat64(at, true);
    const flags = view.getUint32(at + 8, true);
    const start = at + 16;
    at = start + view.getUint32(at + 12, true);
    outputs.push({
      client,
      reply: frame.subarray(start, at),
      isParked: (flags & FLAG_PARKED) !== 0,
      isClosed: (flags & FLAG_CLOSE) !== 0,
      isBusy: (flags & FLAG_BUSY) !== 0,
    });
  }
  return {
    deadlineMs: timeAt(view, 0),
    expiryMs: timeAt(view, 8),
    residentBytes: view.getFloat64(16, true),
    keys,
    outputs,
  };
}

/** Reads what `Core.resumption` gave. */
export function readResumption(frame: Uint8Array<ArrayBuffer>): Resumption {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const waitAt = 12 + view.getUint32(8, true);
  return {
    deadlineMs: timeAt(view, 0),
    setup: frame.slice(12, waitAt),
    wait: frame.slice(waitAt),
  };
}

function timeAt(view: DataView, at: number): number | undefined {
  const ms = view.getFloat64(at, true);
  return Number.isNaN(ms) ? undefined : ms;
}
