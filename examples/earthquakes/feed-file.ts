/** Where the feed lies on disk: in the npm package `vega-datasets`. Node only. */

import { readFile } from "node:fs/promises";
import { type Feed, parseFeed } from "./feed.ts";

/** The week of earthquakes that `vega-datasets` carries: 1707 events of early 2018. */
export async function loadFeed(): Promise<Feed> {
  // The package exports its code only; the data lies beside it.
  const file = new URL("../data/earthquakes.json", import.meta.resolve("vega-datasets"));
  return parseFeed(JSON.parse(await readFile(file, "utf8")));
}
