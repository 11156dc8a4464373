/**
 * The streams that the page knows of. A Worker keeps every stream in an object of its own and has
 * no list of them, so the page remembers the names that were opened in it.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import type { Backend } from "./session.ts";
import { keepLooking } from "./wait.ts";

/** The stream into which the earthquakes feed is played. */
export const FEED_STREAM = "earthquakes";

/** A stream as the list shows it. */
export interface KnownStream {
  readonly name: string;
  /** Number of entries; `null` while nobody has looked, or when looking failed. */
  readonly length: number | null;
}

const LENGTHS_MS = 2000;

const names = new Map<Backend, readonly string[]>();
const list = signal<readonly KnownStream[]>([]);
const chosen = signal(FEED_STREAM);

/** The streams of the present back end. */
export const streams: ReadonlySignal<readonly KnownStream[]> = list;

/** The name of the stream that is looked at. */
export const chosenStream: ReadonlySignal<string> = chosen;

/** Looks at the stream `name`, and remembers it. */
export function chooseStream(backend: Backend, name: string): void {
  const known = namesOf(backend);
  if (!known.includes(name)) {
    remember(backend, [...known, name]);
    list.value = [...list.value, { name, length: null }];
  }
  chosen.value = name;
}

/** Takes the stream `name` off the list. The stream itself stays as it is. */
export function forgetStream(backend: Backend, name: string): void {
  remember(
    backend,
    namesOf(backend).filter((known) => known !== name),
  );
  list.value = list.value.filter((known) => known.name !== name);
  if (chosen.value === name) chosen.value = FEED_STREAM;
}

/** Keeps the list's lengths true until `stop` aborts. */
export async function watchStreams(
  backend: Backend,
  db: Eddyline,
  stop: AbortSignal,
): Promise<void> {
  list.value = namesOf(backend).map((name) => ({ name, length: null }));
  if (!namesOf(backend).includes(chosen.value)) chosen.value = FEED_STREAM;
  await keepLooking(LENGTHS_MS, stop, async () => {
    const looked = await Promise.all(list.value.map(({ name }) => lengthOf(db, name)));
    if (stop.aborted) return;
    const lengths = new Map(looked);
    list.value = list.value.map(({ name, length }) => ({
      name,
      length: lengths.get(name) ?? length,
    }));
  });
}

async function lengthOf(db: Eddyline, name: string): Promise<[string, number | null]> {
  try {
    return [name, await db.xLen(name)];
  } catch {
    // The list shows no length then; what is wrong is said where the stream is looked at.
    return [name, null];
  }
}

function namesOf(backend: Backend): readonly string[] {
  let known = names.get(backend);
  if (known === undefined) {
    known = [FEED_STREAM, ...recall(backend).filter((name) => name !== FEED_STREAM)];
    names.set(backend, known);
  }
  return known;
}

function remember(backend: Backend, known: readonly string[]): void {
  names.set(backend, known);
  // The tab's engine ends with the page, and the names with it.
  if (backend === "worker") localStorage.setItem(itemOf(backend), JSON.stringify(known));
}

function recall(backend: Backend): string[] {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(itemOf(backend)) ?? "[]");
    return Array.isArray(known) ? known.filter((name) => typeof name === "string") : [];
  } catch {
    // Somebody else wrote under our name: begin anew.
    return [];
  }
}

function itemOf(backend: Backend): string {
  return `eddyline.streams.${backend}`;
}
