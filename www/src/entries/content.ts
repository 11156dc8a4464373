/** What an entry holds, told apart: text, JSON in a text, bytes that are no text. */

import type { Eddyline } from "eddyline";
import { pairsOf } from "./entry.ts";

/** A field or a value. */
export interface Content {
  /** As text; bytes that are none as hexadecimal digits. */
  readonly text: string;
  readonly isBytes: boolean;
  readonly length: number;
}

/** A field with its value. */
export interface FieldContent {
  readonly field: Content;
  readonly value: Content;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Bytes of what is no text that are shown. */
const HEX_BYTES = 4096;

/** Reads one entry in full; `null` when there is none of that ID. */
export async function readContent(
  db: Eddyline,
  key: string,
  id: string,
): Promise<FieldContent[] | null> {
  const reply = await db.withBytes().sendCommand(["XRANGE", key, id, id]);
  const entry = (reply as [Uint8Array, Uint8Array[]][])[0];
  if (entry === undefined) return null;
  return pairsOf(entry[1]).map(([field, value]) => ({
    field: contentOf(field),
    value: contentOf(value),
  }));
}

function contentOf(bytes: Uint8Array): Content {
  try {
    return { text: strict.decode(bytes), isBytes: false, length: bytes.length };
  } catch {
    const shown = Array.from(bytes.subarray(0, HEX_BYTES), (byte) =>
      byte.toString(16).padStart(2, "0"),
    );
    return { text: shown.join(" "), isBytes: true, length: bytes.length };
  }
}

/**
 * An entry as JSON: values that are JSON themselves as such, those of a field that comes more than
 * once as an array.
 */
export function asJson(id: string, contents: readonly FieldContent[]): string {
  const fields = new Map<string, unknown>();
  const repeated = new Set<string>();
  for (const { field, value } of contents) {
    const name = field.text;
    const parsed = parsedValue(value);
    if (!fields.has(name)) fields.set(name, parsed);
    else if (repeated.has(name)) (fields.get(name) as unknown[]).push(parsed);
    else {
      repeated.add(name);
      fields.set(name, [fields.get(name), parsed]);
    }
  }
  return JSON.stringify({ id, fields: Object.fromEntries(fields) }, null, 2);
}

function parsedValue({ text, isBytes }: Content): unknown {
  // Digits may be more than a number holds, so only what has a structure is taken apart.
  if (isBytes || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
