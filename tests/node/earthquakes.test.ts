/** The example `examples/earthquakes`: its reading of the feed, and the program on `memory://`. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addTotals, BANDS, bandOf, noTotals, parseFeed } from "../../examples/earthquakes/feed.ts";
import { loadFeed } from "../../examples/earthquakes/feed-file.ts";
import { checkEarthquakes } from "../earthquakes.ts";

/** An event as the feed has it. */
const event = (id: string, time: unknown, mag: unknown = 1) => ({
  id,
  properties: { time, mag, place: "somewhere", type: "earthquake" },
  geometry: { type: "Point", coordinates: [1, 2, 3] },
});

describe("the earthquakes feed", () => {
  it("is read to the last event, in the order of time", async () => {
    const { entries } = await loadFeed();
    assert.equal(entries.length, 1707);
    assert.deepEqual(entries[0]?.id, "1517363399650-0");
    const times = entries.map(({ id }) => Number(id.split("-")[0]));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      addTotals(
        noTotals(),
        entries.map(({ message }) => message),
      ),
      [44, 667, 550, 229, 89, 89, 34, 5],
    );
  });

  it("counts events of one millisecond, the earlier of the file being the later", () => {
    const features = [event("d", 8), event("c", 7), event("b", 7), event("a", 5), event("o", 7)];
    const { entries } = parseFeed({ features });
    assert.deepEqual(
      entries.map(({ id, message }) => [id, message.event]),
      [
        ["5-0", "a"],
        ["7-0", "o"],
        ["7-1", "b"],
        ["7-2", "c"],
        ["8-0", "d"],
      ],
    );
  });

  it("refuses an event that lacks what counts, naming it", () => {
    const refuse = (feature: unknown, text: RegExp) =>
      assert.throws(() => parseFeed({ features: [event("a", 5), feature] }), text);
    refuse(event("b", null), /event 1 of the feed \(b\) has no time/);
    refuse(event("b", 1.5), /has no time/);
    refuse(event("b", 5, null), /\(b\) has no magnitude/);
    refuse({ properties: { time: 5, mag: 1 } }, /event 1 of the feed has no id/);
    assert.throws(() => parseFeed({}), /no list of features/);
  });

  it("puts every magnitude in its band", () => {
    const bandNames = ["-0.8", "-0.01", "0", "0.99", "1", "5.9", "6", "9.5"];
    assert.deepEqual(
      bandNames.map((magnitude) => BANDS[bandOf(magnitude)]),
      ["below 0", "below 0", "0", "0", "1", "5", "6 and up", "6 and up"],
    );
    assert.throws(() => bandOf(""), /no magnitude/);
  });
});

it("the earthquakes go through a group to the last event in this process", () =>
  checkEarthquakes("memory://"));
