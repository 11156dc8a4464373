/** The package inside a Worker of a user's own: the module is a static import, the engine in process. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Workerd } from "./workerd.ts";

test("an engine runs in a Worker", async () => {
  await using server = await Workerd.start({ entry: "tests/workerd/fixtures/in-process.ts" });
  for (const _ of ["first", "second, in the same isolate"]) {
    const response = await fetch(server.address);
    assert.deepEqual(await response.json(), {
      read: [{ name: "orders", messages: [{ id: "1-1", message: { item: "tea" } }] }],
      timedOut: null,
      acknowledged: 1,
    });
  }
});
