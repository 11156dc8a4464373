/** An entry as one line of a list. All it holds is text, whatever it looks like. */

import { timeOf } from "../base/format.ts";
import type { Entry } from "../entries/entry.ts";
import { Cell } from "../parts/cell.tsx";

/** Pixels of a line. */
export const ENTRY_ROW = 30;
/** What is shown of an entry; the rest is in its own panel. */
const FIELDS = 12;
const CHARACTERS = 160;

/** The cells of the line. */
export function EntryRow({ entry }: { entry: Entry }) {
  const { id, fields } = entry;
  const shown = [];
  for (let at = 0; at < Math.min(fields.length, FIELDS * 2); at += 2) {
    shown.push(
      <span class="pair" key={at}>
        <span class="field">{cut(fields[at])}</span> {cut(fields[at + 1])}
      </span>,
    );
  }
  return (
    <>
      <Cell column="time">{timeOf(id) ?? ""}</Cell>
      <Cell column="id">{id}</Cell>
      <Cell column="fields">{shown}</Cell>
    </>
  );
}

function cut(text = ""): string {
  if (text === "") return '""';
  return text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text;
}
