/** The columns of the list of streams, and how it is sorted by them. */

import { isBefore } from "../base/entry-id.ts";
import type { Notice } from "../observe/attention.ts";
import type { ObservedStream } from "../observe/observer.ts";

/** A stream in the list. */
export interface Row {
  readonly key: string;
  /** `null` until it was looked at. */
  readonly stream: ObservedStream | null;
  readonly notice: Notice | null;
}

/** By which column, and whether the greatest comes first. */
export interface Sorting {
  readonly column: ColumnName;
  readonly isDown: boolean;
}

/** The columns from left to right. */
export const COLUMNS = [
  { name: "name", title: "Stream", hint: "The key" },
  {
    name: "attention",
    title: "Attention",
    hint: "What a person should look at; the most urgent first",
  },
  { name: "length", title: "Entries", hint: "Entries in the stream" },
  { name: "bytes", title: "Bytes", hint: "Bytes it takes" },
  { name: "in", title: "In/s", hint: "Entries added a second" },
  { name: "out", title: "Out/s", hint: "Entries delivered a second, to all groups together" },
  { name: "oldest", title: "Oldest", hint: "Age of the first entry, by its ID" },
  { name: "newest", title: "Newest", hint: "Age of the last entry, by its ID" },
  { name: "groups", title: "Groups", hint: "Consumer groups" },
  {
    name: "lag",
    title: "Worst lag",
    hint: "Entries that the group furthest behind was not given yet",
  },
  {
    name: "pending",
    title: "Pending for",
    hint: "Since the oldest pending entry was last delivered",
  },
] as const;

/** The name of a column. */
export type ColumnName = (typeof COLUMNS)[number]["name"];

type Compare = (a: Row, b: Row) => number;

const byKey: Compare = (a, b) => (a.key < b.key ? -1 : Number(a.key > b.key));

/** The rows in order; those alike by their keys. */
export function sorted(rows: readonly Row[], { column, isDown }: Sorting): Row[] {
  const compare = COMPARES[column];
  const sign = isDown ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(a, b) || byKey(a, b));
}

const COMPARES: Readonly<Record<ColumnName, Compare>> = {
  name: byKey,
  attention: (a, b) =>
    (a.notice?.urgency ?? 0) - (b.notice?.urgency ?? 0) ||
    (a.notice?.weight ?? 0) - (b.notice?.weight ?? 0),
  length: by(({ sample }) => sample.length),
  bytes: by(({ sample }) => sample.bytes),
  in: by(({ inPerSecond }) => inPerSecond),
  out: by(({ outPerSecond }) => outPerSecond),
  oldest: byId(({ sample }) => sample.firstId),
  newest: byId(({ sample }) => sample.lastId),
  groups: by(({ sample }) => sample.groups.length),
  lag: by(({ worstLag }) => worstLag),
  pending: by(({ oldestPendingMs }) => oldestPendingMs),
};

function by(figure: (stream: ObservedStream) => number | null): Compare {
  const measure = ({ stream }: Row): number => (stream === null ? -1 : (figure(stream) ?? -1));
  return (a, b) => measure(a) - measure(b);
}

function byId(id: (stream: ObservedStream) => string | null): Compare {
  const idOf = ({ stream }: Row): string => (stream === null ? "0-0" : (id(stream) ?? "0-0"));
  return (a, b) => (idOf(a) === idOf(b) ? 0 : isBefore(idOf(a), idOf(b)) ? -1 : 1);
}
