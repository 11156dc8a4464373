/** A stream as a file: entries as lines of JSON or CSV, or all of it for another Eddyline. */

import type { Eddyline } from "eddyline";
import { type Entry, pairsOf, readRange } from "./entry.ts";

/** What one may export. */
export const FORMATS = ["eddyline", "ndjson", "csv"] as const;

/** One of them. */
export type Format = (typeof FORMATS)[number];

/** What is exported: of a range only the entries, of the format `eddyline` the groups as well. */
export interface ExportWish {
  readonly format: Format;
  readonly start: string;
  readonly end: string;
}

/** Told now and then. */
export type Progress = (done: { readonly entries: number; readonly bytes: number }) => void;

const PAGE = 1000;

/** Makes the file. */
export async function exportStream(
  db: Eddyline,
  key: string,
  wish: ExportWish,
  signal: AbortSignal,
  progress: Progress,
): Promise<Blob> {
  const parts: BlobPart[] = [];
  const done = { entries: 0, bytes: 0 };
  const add = (part: Uint8Array<ArrayBuffer>, entries: number): void => {
    signal.throwIfAborted();
    parts.push(part);
    done.entries += entries;
    done.bytes += part.byteLength;
    progress({ ...done });
  };
  if (wish.format === "eddyline") {
    for await (const piece of db.export(key, { signal })) add(piece as Uint8Array<ArrayBuffer>, 0);
    return new Blob(parts, { type: "application/octet-stream" });
  }
  const { write, head, type } = TEXTS[wish.format];
  const encoder = new TextEncoder();
  if (head !== "") add(encoder.encode(head), 0);
  for await (const page of pages(db, key, wish))
    add(encoder.encode(page.map(write).join("")), page.length);
  return new Blob(parts, { type });
}

async function* pages(db: Eddyline, key: string, wish: ExportWish): AsyncGenerator<Entry[]> {
  for (let from = wish.start; ; ) {
    const page = await readRange(db, key, from, wish.end, PAGE);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    from = `(${page.at(-1)?.id}`;
  }
}

const TEXTS = {
  ndjson: { head: "", write: jsonLine, type: "application/x-ndjson" },
  csv: { head: "id,field,value\r\n", write: csvLines, type: "text/csv" },
} as const;

/** `{"id": …, "fields": [[field, value], …]}`: pairs, as a field may come more than once. */
function jsonLine({ id, fields }: Entry): string {
  return `${JSON.stringify({ id, fields: pairsOf(fields) })}\n`;
}

/** A line for each field: entries need not have the same ones. */
function csvLines({ id, fields }: Entry): string {
  return pairsOf(fields)
    .map((pair) => `${[id, ...pair].map(csvWord).join(",")}\r\n`)
    .join("");
}

/** In quotes when it needs them; never a formula, which a spreadsheet would run. */
function csvWord(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Has the browser save a file. */
export function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then, and holds the file itself.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
