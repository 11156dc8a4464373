/**
 * A program that is killed: it processes the messages of a group on `file:` storage, and writes to
 * its output, before anything else happens, which it has finished. Arguments: folder, seed.
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { randomOf } from "./random.ts";

const [folder, seed] = process.argv.slice(2);
const random = randomOf(Number(seed));
await using db = await Eddyline.open(`file:${folder}`, { appendfsync: "no" });
await db
  .stream("jobs")
  .group("g")
  .process(
    async ({ id }) => {
      if (random(2) === 0) await sleep(random(4));
      if (random(10) === 0) throw new Error("failed");
      writeSync(1, `${id}\n`);
      if (random(4) === 0) await sleep(random(4));
    },
    {
      concurrency: 4,
      minIdle: 200,
      maxDeliveries: 1000,
      retryDelay: (deliveries) => random(2) * deliveries * 20,
      onError: () => {},
    },
  );
