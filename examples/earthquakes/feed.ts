/**
 * The earthquake feed as stream entries: what an event becomes, under which ID, and how many of
 * each magnitude there must be in the end. Knows neither files nor streams, so that the program
 * and the page share it.
 *
 * The format is the GeoJSON summary that the USGS publishes
 * (https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php).
 */

/** One event as an entry to append: its ID is the event's own time. */
export interface FeedEntry {
  /** `ms-seq`: the event's time, and its place among the events of the same millisecond. */
  readonly id: string;
  /** What the entry holds. */
  readonly message: Readonly<Record<string, string>>;
}

/** A feed, sorted by time, ready to be appended. */
export interface Feed {
  /** What the publisher calls it, for example `USGS All Earthquakes, Past Week`. */
  readonly title: string;
  /** Every event, in the order of the IDs. */
  readonly entries: readonly FeedEntry[];
}

/** How many entries there are of each magnitude band, by {@link BANDS}. */
export type Totals = readonly number[];

/** Names of the magnitude bands, weakest first. An event of magnitude 2.7 is of band `2`. */
export const BANDS: readonly string[] = ["below 0", "0", "1", "2", "3", "4", "5", "6 and up"];

/**
 * Reads a feed from parsed GeoJSON.
 *
 * Stream IDs must grow, and the USGS lists the newest event first: the events are sorted by time.
 * Events of the same millisecond keep the order of the file reversed, which is the order of time,
 * and get the sequence numbers 0, 1, 2, …
 *
 * @throws TypeError naming the first event that lacks an ID, a time or a magnitude.
 */
export function parseFeed(json: unknown): Feed {
  const root = asObject(json, "the feed");
  const features = root.features;
  if (!Array.isArray(features)) throw new TypeError("the feed has no list of features");
  const events = features.map(parseEvent).reverse();
  events.sort((a, b) => a.timeMs - b.timeMs);
  let previousMs = -1;
  let seq = 0;
  const entries = events.map(({ timeMs, message }) => {
    seq = timeMs === previousMs ? seq + 1 : 0;
    previousMs = timeMs;
    return { id: `${timeMs}-${seq}`, message };
  });
  const title = asObject(root.metadata ?? {}, "the feed's metadata").title;
  return { title: typeof title === "string" ? title : "earthquakes", entries };
}

/** The index in {@link BANDS} for a magnitude as an entry holds it. */
export function bandOf(magnitude: string): number {
  const value = Number(magnitude);
  if (magnitude === "" || Number.isNaN(value)) throw new TypeError(`no magnitude: "${magnitude}"`);
  return Math.min(Math.max(Math.floor(value) + 1, 0), BANDS.length - 1);
}

/** Whether an entry is of the feed, and not one that somebody else added to the stream. */
export function isOfFeed({ event, mag }: Readonly<Record<string, string>>): boolean {
  return event !== undefined && mag !== undefined && mag !== "" && !Number.isNaN(Number(mag));
}

/** No entry of any magnitude. */
export function noTotals(): Totals {
  return BANDS.map(() => 0);
}

/** `totals` with the magnitudes of `messages` added. */
export function addTotals(
  totals: Totals,
  messages: Iterable<Readonly<Record<string, string>>>,
): Totals {
  const sum = [...totals];
  for (const message of messages) {
    const band = bandOf(message.mag ?? "");
    sum[band] = (sum[band] ?? 0) + 1;
  }
  return sum;
}

interface FeedEvent {
  readonly timeMs: number;
  readonly message: Readonly<Record<string, string>>;
}

function parseEvent(feature: unknown, index: number): FeedEvent {
  const place = `event ${index} of the feed`;
  const { id, properties, geometry } = asObject(feature, place);
  const { time, mag, place: where, type } = asObject(properties, `${place}: properties`);
  if (typeof id !== "string") throw new TypeError(`${place} has no id`);
  if (typeof time !== "number" || !Number.isSafeInteger(time) || time < 0) {
    throw new TypeError(`${place} (${id}) has no time`);
  }
  if (typeof mag !== "number") throw new TypeError(`${place} (${id}) has no magnitude`);
  const [longitude, latitude, depthKm] = coordinates(geometry);
  return {
    timeMs: time,
    message: {
      event: id,
      mag: String(mag),
      place: typeof where === "string" ? where : "",
      type: typeof type === "string" ? type : "",
      longitude,
      latitude,
      depth_km: depthKm,
    },
  };
}

function coordinates(geometry: unknown): [string, string, string] {
  const at = asObject(geometry ?? {}, "geometry").coordinates;
  const [longitude = "", latitude = "", depth = ""] = Array.isArray(at) ? at.map(String) : [];
  return [longitude, latitude, depth];
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError(`${what} is no object`);
  return value as Record<string, unknown>;
}
