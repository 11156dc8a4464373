/**
 * The examples of `docs/format.md`: what `decode.py` says of the golden files.
 * `node tests/format/examples.ts` writes them into the document anew.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { gunzipSync } from "node:zlib";

/** Of this version the document speaks. */
const VERSION = "1";
const DECODER = join(import.meta.dirname, "decode.py");
const DOCUMENT = join(import.meta.dirname, "../../docs/format.md");
const EXAMPLE = /<!-- example: (\w+) (.+) -->\n```text\n([^`]*)```/g;

/** An example: of which golden file, what of it, and its lines. */
export interface Example {
  readonly file: string;
  readonly what: string;
  readonly text: string;
}

/** The examples that the document has. */
export function examples(): Example[] {
  const found = readFileSync(DOCUMENT, "utf8").matchAll(EXAMPLE);
  return [...found].map(([, file = "", what = "", text = ""]) => ({ file, what, text }));
}

/** The bytes that an example shows: its lines begin with them, two digits each. */
export function bytesOf(text: string): Buffer {
  const hex = text.split("\n").map((line) => /^(?:[0-9a-f]{2}(?: |$))+/.exec(line)?.[0] ?? "");
  return Buffer.from(hex.join("").replaceAll(" ", ""), "hex");
}

/** Golden files as SQLite's own, for as long as this is in use. */
export class Golden implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "eddyline-golden-"));

  path(file: string): string {
    const path = join(this.#folder, `${file}.sqlite`);
    const packed = readFileSync(join(import.meta.dirname, VERSION, `${file}.sqlite.gz`));
    writeFileSync(path, gunzipSync(packed));
    return path;
  }

  /** What `decode.py` says. */
  decoded(file: string, what: string): string {
    const python = process.env.EDDYLINE_PYTHON ?? "python3";
    const words = what.split(" ").filter((word) => word !== "");
    const options = { encoding: "utf8", maxBuffer: 1 << 28 } as const;
    return execFileSync(python, [DECODER, this.path(file), ...words], options);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

if (import.meta.main) {
  using golden = new Golden();
  const written = readFileSync(DOCUMENT, "utf8").replaceAll(
    EXAMPLE,
    (_, file: string, what: string) =>
      `<!-- example: ${file} ${what} -->\n\`\`\`text\n${golden.decoded(file, what)}\`\`\``,
  );
  writeFileSync(DOCUMENT, written);
}
