/** Streams of values do the same on whatever keeps them, and however far away that is. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { streamScenario } from "../stream-scenario.ts";
import { HttpHost, TOKEN as token } from "./http-host.ts";

describe("a stream of values", () => {
  test("in memory", async () => {
    await using db = await Eddyline.open("memory://");
    await streamScenario(db, "jobs");
  });

  test("in a folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "eddyline-stream-"));
    {
      await using db = await Eddyline.open(`file:${folder}`);
      await streamScenario(db, "jobs");
    }
    rmSync(folder, { recursive: true });
  });

  test("over HTTP, with a socket for what waits, by requests alone, and over a socket alone", async () => {
    await using host = await HttpHost.start();
    const { address } = host;
    const onlyRequests = { token, fetch: (request: Request) => fetch(request) };
    const ways = [
      () => Eddyline.open(address, { token }),
      () => Eddyline.open(address, onlyRequests),
      () => Eddyline.open(address.replace("http:", "ws:"), { token }),
    ];
    for (const [i, open] of ways.entries()) {
      await using db = await open();
      await streamScenario(db, `jobs${i}`);
    }
  });
});
