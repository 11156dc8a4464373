/** Server-Sent Events: how they are written, and how a response is made of them. */

const encoder = new TextEncoder();

/** One event. A message of several lines is one field for each. */
export function event(fields: { id?: string; event?: string; data: string }): string {
  const head = [
    ...(fields.id === undefined ? [] : [`id: ${fields.id}\n`]),
    ...(fields.event === undefined ? [] : [`event: ${fields.event}\n`]),
  ];
  const data = fields.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${head.join("")}${data.join("")}\n`;
}

/** What nobody hears: it keeps proxies from closing, and shows whether the reader is there. */
export const HEARTBEAT = ":\n\n";

/** The response that a stream of events is. */
export function eventStream(body: ReadableStream<Uint8Array>): Response {
  const headers = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    // nginx would hold events back to fill a buffer.
    "x-accel-buffering": "no",
  };
  return new Response(body, { headers });
}

/** The bytes of events. */
export function eventBytes(text: string): Uint8Array {
  return encoder.encode(text);
}
