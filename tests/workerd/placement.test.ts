/** Where objects are made, by how their names begin. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { placementOf, readPlacements } from "../../pkg/src/worker/placement.ts";
import { Workerd } from "./workerd.ts";

describe("an object", () => {
  const placements = readPlacements(
    JSON.stringify([
      { prefix: "eu:logs:", jurisdiction: "eu", locationHint: "eeur" },
      { prefix: "eu:", jurisdiction: "eu" },
      { prefix: "asia:", locationHint: "apac" },
    ]),
  );
  const found: readonly (readonly [name: string, rule: number])[] = [
    ["eu:logs:1", 0],
    ["eu:1", 1],
    ["asia:1", 2],
    ["else", -1],
  ];
  for (const [name, rule] of found) {
    test(`called ${name} follows ${rule < 0 ? "no rule" : `rule ${rule}`}`, () => {
      assert.equal(placementOf(name, placements), placements[rule]);
    });
  }
});

test("rules that are none are refused", () => {
  assert.deepEqual(readPlacements(undefined), []);
  assert.deepEqual(readPlacements(""), []);
  for (const text of ["{}", "[1]", '[{"locationHint":"weur"}]', '[{"prefix":"a","hint":"weur"}]']) {
    assert.throws(() => readPlacements(text), /EDDYLINE_PLACEMENT/, text);
  }
  assert.throws(() => readPlacements("x"), SyntaxError);
});

test("a Worker with rules runs where there are no jurisdictions", async () => {
  const rules = [{ prefix: "eu:", jurisdiction: "eu", locationHint: "weur" }];
  await using server = await Workerd.start({
    variables: { EDDYLINE_PLACEMENT: JSON.stringify(rules) },
  });
  await server.result("XADD", "eu:1", "1-1", "f", "v");
  await server.result("XADD", "us:1", "1-1", "f", "v");
  assert.equal(await server.result("XLEN", "eu:1"), 1);
  assert.deepEqual(((await server.result("KEYS", "*")) as string[]).toSorted(), ["eu:1", "us:1"]);
});
