/**
 * The rows of a damaged SQLite file, read page by page, so that a damaged page costs its own rows
 * only. (The format: https://www.sqlite.org/fileformat2.html.)
 *
 * Both tables are WITHOUT ROWID: their trees are of index pages, whose inner pages hold rows too.
 * What the trees lead to counts. Where one is broken, so does what lies on other pages, but for
 * those that the file lists as free: they hold rows of the past. Which table a row is of is told by
 * its columns: five with bytes at the end are a blob's, four a journal batch's.
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export const PAGE_BYTES = 4096;
/** The tables were made in one go, so their trees begin on the same pages in every file. */
const ROOTS = [2, 3];
const INNER_PAGE = 2;
const LEAF_PAGE = 10;
const BLOB_COLUMNS = 5;
const BATCH_COLUMNS = 4;

/** A row as it lies in the file. */
export interface Row {
  /** Its numbers, in the order of its columns. */
  readonly numbers: readonly number[];
  /** Reads its bytes; fewer than there were if a page of them cannot be found. */
  read(): Uint8Array;
}

/** A page of a file. */
interface Page {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Reads an SQLite file without SQLite. */
export class PageReader {
  readonly #file: number;
  readonly #pages: number;

  constructor(path: string) {
    this.#file = openSync(path, "r");
    this.#pages = Math.ceil(fstatSync(this.#file).size / PAGE_BYTES);
  }

  /** Every row of both tables: those of the trees come last, and count if there are two of one key. */
  *rows(): Generator<Row> {
    const { pages, isWhole } = this.#walk();
    const free = isWhole ? undefined : this.#freePages();
    for (let number = 2; free !== undefined && number <= this.#pages; number++)
      if (!free.has(number) && !pages.has(number)) yield* this.#rowsOf(number);
    for (const number of pages) yield* this.#rowsOf(number);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** The pages that the trees lead to, and whether they lead everywhere. */
  #walk(): { pages: Set<number>; isWhole: boolean } {
    const pages = new Set<number>();
    const next = [...ROOTS];
    let isWhole = true;
    for (let number = next.pop(); number !== undefined; number = next.pop()) {
      const page = this.#read(number);
      const isPage = isTreePage(page) && number > 1 && number <= this.#pages;
      isWhole &&= isPage && !pages.has(number);
      if (!isPage || pages.has(number)) continue;
      pages.add(number);
      if (page.bytes[0] !== INNER_PAGE) continue;
      for (const cell of cellsOf(page))
        next.push(cell <= PAGE_BYTES - 4 ? page.view.getUint32(cell) : 0);
      next.push(page.view.getUint32(8));
    }
    return { pages, isWhole };
  }

  *#rowsOf(number: number): Generator<Row> {
    const page = this.#read(number);
    if (!isTreePage(page)) return;
    // An inner page's cell begins with the number of a page below.
    const skipped = page.bytes[0] === INNER_PAGE ? 4 : 0;
    for (const cell of cellsOf(page)) {
      const record = this.#recordAt(page, cell + skipped);
      if (record !== undefined) yield record;
    }
  }

  #recordAt(page: Page, at: number): Row | undefined {
    const length = readVarint(page.bytes, at);
    if (length === undefined || length[0] > this.#pages * PAGE_BYTES) return undefined;
    const [bytes, start] = length;
    const local = page.bytes.slice(start, start + localBytes(bytes));
    const end = start + localBytes(bytes);
    if (end > PAGE_BYTES) return undefined;
    const columns = readColumns(local);
    if (columns === undefined) return undefined;
    const first = bytes > local.length && end + 4 <= PAGE_BYTES ? page.view.getUint32(end) : 0;
    const read = () => {
      const parts = [local, ...this.#overflow(first, bytes - local.length)];
      return Buffer.concat(parts).subarray(columns.end, columns.end + columns.bytes);
    };
    return { numbers: columns.numbers, read };
  }

  /** What of a row lies on pages of its own, as far as they can be followed. */
  *#overflow(first: number, bytes: number): Generator<Uint8Array> {
    let left = bytes;
    for (let number = first; left > 0 && number > 1 && number <= this.#pages; ) {
      const page = this.#read(number);
      yield page.bytes.subarray(4, 4 + Math.min(left, PAGE_BYTES - 4));
      left -= PAGE_BYTES - 4;
      number = page.view.getUint32(0);
    }
  }

  /** The pages on the list of free ones, as far as that can be followed. */
  #freePages(): Set<number> {
    const free = new Set<number>();
    const first = this.#read(1).view.getUint32(32);
    for (let trunk = first; trunk > 1 && trunk <= this.#pages && !free.has(trunk); ) {
      free.add(trunk);
      const { view } = this.#read(trunk);
      const leaves = Math.min(view.getUint32(4), (PAGE_BYTES - 8) >> 2);
      for (let leaf = 0; leaf < leaves; leaf++) free.add(view.getUint32(8 + 4 * leaf));
      trunk = view.getUint32(0);
    }
    return free;
  }

  /** A page; zeros where the file ends before it does. */
  #read(number: number): Page {
    const bytes = new Uint8Array(PAGE_BYTES);
    readSync(this.#file, bytes, 0, PAGE_BYTES, Math.max(0, number - 1) * PAGE_BYTES);
    return { bytes, view: new DataView(bytes.buffer) };
  }
}

function isTreePage({ bytes }: Page): boolean {
  return bytes[0] === INNER_PAGE || bytes[0] === LEAF_PAGE;
}

/** Where the cells of a page begin. */
function* cellsOf({ bytes, view }: Page): Generator<number> {
  const head = bytes[0] === INNER_PAGE ? 12 : 8;
  const cells = Math.min(view.getUint16(3), (PAGE_BYTES - head) >> 1);
  for (let cell = 0; cell < cells; cell++) yield view.getUint16(head + 2 * cell);
}

/** How much of a payload lies in its cell. */
function localBytes(bytes: number): number {
  const most = Math.trunc(((PAGE_BYTES - 12) * 64) / 255) - 23;
  const least = Math.trunc(((PAGE_BYTES - 12) * 32) / 255) - 23;
  if (bytes <= most) return bytes;
  const whole = least + ((bytes - least) % (PAGE_BYTES - 4));
  return whole <= most ? whole : least;
}

/** The numbers of a record that ends with bytes, and where these are; `undefined` for any other. */
function readColumns(
  record: Uint8Array,
): { numbers: number[]; end: number; bytes: number } | undefined {
  const types: number[] = [];
  const head = readVarint(record, 0);
  if (head === undefined) return undefined;
  let [end, at] = head;
  while (at < end) {
    const type = readVarint(record, at);
    if (type === undefined || types.length === BLOB_COLUMNS) return undefined;
    types.push(type[0]);
    at = type[1];
  }
  if (types.length !== BLOB_COLUMNS && types.length !== BATCH_COLUMNS) return undefined;
  const last = types.pop() ?? 0;
  if (last < 12 || last % 2 !== 0) return undefined;
  const numbers: number[] = [];
  for (const type of types) {
    const number = readInteger(record, end, type);
    if (number === undefined) return undefined;
    numbers.push(number[0]);
    end = number[1];
  }
  return { numbers, end, bytes: (last - 12) / 2 };
}

/** A whole number that is not negative, and where it ends. */
function readInteger(record: Uint8Array, at: number, type: number): [number, number] | undefined {
  if (type === 8 || type === 9) return [type - 8, at];
  const width = [0, 1, 2, 3, 4, 6, 8][type];
  if (width === undefined || width === 0 || at + width > record.length) return undefined;
  let value = 0;
  for (const byte of record.subarray(at, at + width)) value = value * 256 + byte;
  const isPositive = ((record[at] ?? 0) & 0x80) === 0;
  return isPositive && Number.isSafeInteger(value) ? [value, at + width] : undefined;
}

/** SQLite's variable-length number: seven bits a byte, the highest first; and where it ends. */
function readVarint(bytes: Uint8Array, at: number): [number, number] | undefined {
  let value = 0;
  for (let next = at; next < Math.min(at + 8, bytes.length); next++) {
    const byte = bytes[next] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return Number.isSafeInteger(value) ? [value, next + 1] : undefined;
  }
  return undefined;
}

/** Whether a row belongs to the blobs' table; the other one is the journal's. */
export function isBlobRow({ numbers }: Row): boolean {
  return numbers.length + 1 === BLOB_COLUMNS;
}

/** Fits the first page of a new file to one of so many bytes, with the free pages that it lists. */
export function fitFirstPage(page: Uint8Array, old: Uint8Array, fileBytes: number): void {
  const view = new DataView(page.buffer, page.byteOffset, PAGE_BYTES);
  view.setUint32(28, Math.ceil(fileBytes / PAGE_BYTES));
  view.setUint32(92, view.getUint32(24));
  page.set(old.subarray(32, 40), 32);
}
