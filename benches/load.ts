/**
 * Two hundred clients for a minute on a Worker that is killed five times meanwhile. It is the
 * tests' crowd, only larger: it ends with an error if an entry that was acknowledged is lost, if
 * one is there twice, or if the group counted an acknowledgement twice.
 */

import { runCrowd } from "../tests/workerd/crowd.ts";
import { Workerd } from "../tests/workerd/workerd.ts";
import { progress } from "./measure.ts";

const CROWD = { streams: 8, producers: 80, consumers: 60, followers: 30, subscribers: 30 } as const;
const FAULTS = { kills: 5, roundMs: 10_000 } as const;

/** Runs it and prints what came of it. */
export async function measureLoad(): Promise<void> {
  await using server = await Workerd.start();
  const outcome = await runCrowd(server, { ...CROWD, ...FAULTS, onProgress: progress });
  progress("");
  const { entries, seconds, interruptions, longestOutageMs } = outcome;
  console.log("200 clients on 8 streams, workerd killed 5 times, every account agrees");
  console.table({
    entries,
    "entries/s, the outages included": Math.round(entries / seconds),
    "calls made again": interruptions,
    "longest outage, ms": Math.round(longestOutageMs),
    "all in all, s": Math.round(seconds),
  });
}
