/** Numbers, IDs and times as people read them. */

const COUNT = new Intl.NumberFormat("en");
const TIME = new Intl.DateTimeFormat("en-GB", {
  year: "numeric",
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** Milliseconds that a `Date` can hold; an ID may hold more. */
const LAST_DATE_MS = 8.64e15;

/** A count with its thousands set apart. */
export function count(value: number): string {
  return COUNT.format(value);
}

/** `1 entry`, `2 entries`. */
export function counted(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** The time that an entry ID carries, or nothing when it is no time of our era. */
export function timeOf(id: string): string | null {
  const ms = Number(id.slice(0, id.indexOf("-")));
  // IDs such as 5-1 are counters, not times.
  if (!(ms >= 1e10 && ms <= LAST_DATE_MS)) return null;
  return TIME.format(ms);
}

/** A span of time, rough. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 60) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} d`;
}

/** What went wrong, in the words of whoever noticed it. */
export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A rate per second; a dash while it is not known. */
export function rate(perSecond: number | null): string {
  if (perSecond === null) return "–";
  if (perSecond === 0) return "0";
  return perSecond < 10 ? perSecond.toFixed(1) : COUNT.format(Math.round(perSecond));
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** Bytes, in the unit that leaves the fewest digits. */
export function bytes(value: number): string {
  const power = Math.min(
    Math.floor(Math.log(Math.max(value, 1)) / Math.log(1024)),
    UNITS.length - 1,
  );
  const scaled = value / 1024 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${UNITS[power]}`;
}

/** `5 s ago` */
export function ago(ms: number): string {
  return ms < 1000 ? "just now" : `${span(ms)} ago`;
}

/** How long ago an entry was added, by its ID; the ID itself when that is no time. */
export function idAge(id: string): string {
  return timeOf(id) === null ? id : ago(ageOf(id));
}

/** The same without a word, for columns. */
export function idSpan(id: string): string {
  return timeOf(id) === null ? id : span(ageOf(id));
}

function ageOf(id: string): number {
  return Date.now() - Number(id.slice(0, id.indexOf("-")));
}
