/** The example `examples/earthquakes` on the Worker. */

import { test } from "node:test";
import { checkEarthquakes } from "../earthquakes.ts";
import { TOKEN, Workerd } from "./workerd.ts";

test("the earthquakes go through a group to the last event in the Worker", async () => {
  await using worker = await Workerd.start();
  await checkEarthquakes(worker.address, "--token", TOKEN);
  // Run again, it starts over.
  await checkEarthquakes(worker.address, "--token", TOKEN);
});
