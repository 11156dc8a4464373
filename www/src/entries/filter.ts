/** Which entries are shown: those whose fields have, or lack, what was asked for. */

import type { Entry } from "./entry.ts";

/** Says of an entry whether it is shown. */
export type Filter = (entry: Entry) => boolean;

/**
 * A filter as it is written: words that must all hold. `word` is anywhere in a value or an ID,
 * `field:word` in that field's value, `field=word` is that value, and `!` before any of them turns
 * it round. Quotes keep blanks together. Nothing is filtered for a text without words.
 */
export function readFilter(text: string): Filter | null {
  const words = [...text.matchAll(/!?(?:"[^"]*"|[^\s"])+/g)].map(([word]) => wordFilter(word));
  if (words.length === 0) return null;
  return (entry) => words.every((holds) => holds(entry));
}

function wordFilter(word: string): Filter {
  if (word.startsWith("!")) {
    const holds = wordFilter(word.slice(1));
    return (entry) => !holds(entry);
  }
  const [, field, sign, rest = ""] = /^([^:="]+)([:=])(.*)$/s.exec(word) ?? [];
  if (field === undefined) return anywhere(unquote(word).toLowerCase());
  const wanted = unquote(rest);
  if (sign === "=") return inField(field, (value) => value === wanted);
  const lower = wanted.toLowerCase();
  return inField(field, (value) => value.toLowerCase().includes(lower));
}

function anywhere(wanted: string): Filter {
  return ({ id, fields }) =>
    id.includes(wanted) ||
    fields.some((text, at) => at % 2 === 1 && text.toLowerCase().includes(wanted));
}

function inField(name: string, holds: (value: string) => boolean): Filter {
  return ({ fields }) =>
    fields.some((text, at) => at % 2 === 1 && fields[at - 1] === name && holds(text));
}

function unquote(text: string): string {
  return text.replaceAll('"', "");
}
