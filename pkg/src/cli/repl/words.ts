/** A line that somebody typed, as the words of a command. Texts are bytes, a character each. */

const SPACE = " \t\n\r\v\f\0";
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

/**
 * Splits a line as redis-cli does: `"…"` with escapes, `\xff` for a byte, `'…'` without.
 *
 * @returns `undefined` where quotes are not closed, or something follows them at once
 */
export function splitLine(line: string): string[] | undefined {
  const words: string[] = [];
  for (let at = 0; ; ) {
    while (at < line.length && SPACE.includes(line[at] as string)) at++;
    if (at >= line.length) return words;
    const taken = takeWord(line, at);
    if (taken === undefined) return undefined;
    words.push(taken.word);
    at = taken.end;
  }
}

function takeWord(line: string, start: number): { word: string; end: number } | undefined {
  let word = "";
  for (let at = start; ; ) {
    const char = line[at];
    if (char === undefined || SPACE.includes(char)) return { word, end: at };
    if (char !== '"' && char !== "'") {
      word += char;
      at++;
      continue;
    }
    const quoted = char === '"' ? takeDouble(line, at + 1) : takeSingle(line, at + 1);
    if (quoted === undefined) return undefined;
    const next = line[quoted.end];
    if (next !== undefined && !SPACE.includes(next)) return undefined;
    return { word: word + quoted.word, end: quoted.end };
  }
}

function takeDouble(line: string, start: number): { word: string; end: number } | undefined {
  let word = "";
  for (let at = start; at < line.length; ) {
    const char = line[at] as string;
    if (char === '"') return { word, end: at + 1 };
    const hex = /^\\x([0-9a-f]{2})/i.exec(line.slice(at, at + 4))?.[1];
    if (hex !== undefined) {
      word += String.fromCharCode(Number.parseInt(hex, 16));
      at += 4;
    } else if (char === "\\" && at + 1 < line.length) {
      const next = line[at + 1] as string;
      word += ESCAPES[next] ?? next;
      at += 2;
    } else {
      word += char;
      at++;
    }
  }
  return undefined;
}

function takeSingle(line: string, start: number): { word: string; end: number } | undefined {
  let word = "";
  for (let at = start; at < line.length; at++) {
    const char = line[at] as string;
    if (char === "'") return { word, end: at + 1 };
    if (char === "\\" && line[at + 1] === "'") at++;
    word += line[at];
  }
  return undefined;
}
