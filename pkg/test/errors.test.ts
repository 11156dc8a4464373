/** The errors that callers meet. */

import assert from "node:assert/strict";
import { it } from "node:test";
import * as errors from "../src/errors.ts";

it("each class says its name itself, which a bundler leaves alone", () => {
  const classes = Object.entries(errors);
  assert.ok(classes.length > 10);
  for (const [name, { prototype }] of classes) {
    const own = Object.getOwnPropertyDescriptor(prototype, "name")?.get;
    assert.equal(own?.call(undefined), name);
  }
});
