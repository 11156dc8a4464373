/** What a call of the core gives back; the layout is in worker/src/output.rs, which this must agree with. */

const FLAG_PARKED = 1;
const FLAG_CLOSE = 2;

/** Bytes for one client. */
export interface Output {
  client: number;
  reply: Uint8Array<ArrayBuffer>;
  /** The client waits for a blocking read. */
  isParked: boolean;
  /** The client is to be disconnected. */
  isClosed: boolean;
}

/** What is to be sent, in order, and when to call `tick`: `undefined` when nothing waits for time. */
export interface Outputs {
  deadlineMs: number | undefined;
  outputs: Output[];
}

/** Reads a frame. The replies are views of it. */
export function readOutputs(frame: Uint8Array<ArrayBuffer>): Outputs {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const deadline = view.getFloat64(0, true);
  const outputs: Output[] = [];
  let at = 8;
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
    });
  }
  return { deadlineMs: Number.isNaN(deadline) ? undefined : deadline, outputs };
}
