/** What the word that is being typed may become: words of the grammar, keys, groups, consumers. */

import { hintOf, wordsThatFit } from "../../../pkg/src/syntax.ts";
import { quote } from "../commands/quote.ts";

/** The names there are. */
export interface Names {
  readonly keys: readonly string[];
  /** Groups of the streams that the line names. */
  groupsOf(words: readonly string[]): readonly string[];
  /** Consumers of the groups that the line names. */
  consumersOf(words: readonly string[]): readonly string[];
}

/** Completions that are offered at once. */
const OFFERED = 8;

/** Whole words for the last one of the line, which is empty behind a blank. */
export function completionsOf(line: string, names: Names): string[] {
  const { before, word } = lastWord(line);
  if (before === "" && word === "") return [];
  const found = new Set([...wordsThatFit(line), ...namesThatFit(before, word, names)]);
  found.delete(word);
  return [...found].slice(0, OFFERED);
}

/** The line with its last word replaced, ready for the next one. */
export function complete(line: string, word: string): string {
  return `${lastWord(line).before}${word} `;
}

function lastWord(line: string): { before: string; word: string } {
  const word = /\S*$/.exec(line)?.[0] ?? "";
  return { before: line.slice(0, line.length - word.length), word };
}

function namesThatFit(before: string, word: string, names: Names): string[] {
  const next = /[\w-]+/.exec(hintOf(before))?.[0] ?? "";
  const words = before.trim().split(/\s+/);
  return namesOf(next, words, names)
    .map(quote)
    .filter((name) => name.startsWith(word));
}

function namesOf(argument: string, words: readonly string[], names: Names): readonly string[] {
  switch (argument) {
    case "key":
    case "source":
    case "destination":
      return names.keys;
    case "group":
      return names.groupsOf(words);
    case "consumer":
      return names.consumersOf(words);
    default:
      return [];
  }
}
