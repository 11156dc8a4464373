/** Twenty clients for twenty seconds, and a process that is killed three times meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runCrowd } from "./crowd.ts";
import { Workerd } from "./workerd.ts";

test("a crowd loses nothing and counts nothing twice while workerd is killed", async (context) => {
  await using server = await Workerd.start();
  const { entries, seconds, interruptions, longestOutageMs } = await runCrowd(server, {
    ...{ streams: 2, producers: 7, consumers: 5, followers: 4, subscribers: 4 },
    ...{ kills: 3, roundMs: 5000 },
  });
  assert.ok(entries > 0 && interruptions > 0);
  const rate = Math.round(entries / seconds);
  const outage = Math.round(longestOutageMs);
  context.diagnostic(
    `${entries} entries (${rate} a second), ${interruptions} calls made again, ${outage} ms without a Worker`,
  );
});
