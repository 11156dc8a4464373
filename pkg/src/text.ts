/** Text as UTF-8 and back; most of it is short and ASCII. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Longest text that is copied char by char; beyond it the platform's codec is faster. */
export const SHORT_TEXT = 48;

/** Text as UTF-8. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes text as UTF-8 to where it fits; how many bytes it has. */
export function encodeTextInto(text: string, out: Uint8Array): number {
  return encoder.encodeInto(text, out).written;
}

/** Room for the character codes of a short text, one array for each length. */
const codesOfLength = Array.from({ length: SHORT_TEXT + 1 }, (_, length) =>
  new Array<number>(length).fill(0),
);

/** The text of `bytes[start..end]`. Bytes that are no UTF-8 become U+FFFD. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  const codes = codesOfLength[length];
  if (codes === undefined) return decoder.decode(bytes.subarray(start, end));
  let union = 0;
  for (let i = 0; i < length; i++) {
    const code = bytes[start + i] as number;
    union |= code;
    codes[i] = code;
  }
  if (union > 127) return decoder.decode(bytes.subarray(start, end));
  // In one call: put together piece by piece every piece would be a string of its own.
  return String.fromCharCode.apply(undefined, codes);
}

/** Whether `bytes[start..end]` are this text; `false` for text that is not ASCII. */
export function isTextAt(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) {
    const code = bytes[start + i] as number;
    if (code > 127 || code !== text.charCodeAt(i)) return false;
  }
  return true;
}
