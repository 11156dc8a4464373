/** Takes orders, and hands them to the consumers of a group. */

import { streams } from "eddyline/worker";

export { StreamObject } from "eddyline/worker";

interface Env {
  STREAMS: DurableObjectNamespace;
}

const KEY = "orders";
const GROUP = "kitchen";
/** An order that somebody took and has not finished for so long is somebody else's. */
const PATIENCE_MS = 60_000;

// biome-ignore lint/style/noDefaultExport: a Worker is what its module exports so
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const db = streams(env.STREAMS);
    switch (`${request.method} ${pathname}`) {
      case "POST /orders": {
        const { item } = await request.json<{ item: string }>();
        return Response.json({ id: await db.xAdd(KEY, "*", { item }) }, { status: 201 });
      }
      case "GET /orders":
        return Response.json(await db.xRange(KEY, "-", "+"));
      case "POST /work": {
        await db.xGroupCreate(KEY, GROUP, "0", { MKSTREAM: true }).catch(() => "it is there");
        const consumer = searchParams.get("consumer") ?? "anybody";
        const waiting = { COUNT: 10, BLOCK: 5000 };
        const reads = await db.xReadGroup(GROUP, consumer, { key: KEY, id: ">" }, waiting);
        return Response.json(reads?.[0]?.messages ?? []);
      }
      case "POST /done":
        return Response.json(await db.xAck(KEY, GROUP, searchParams.get("id") ?? ""));
      default:
        return new Response("there is no such thing", { status: 404 });
    }
  },

  async scheduled(_event, env) {
    await streams(env.STREAMS).xAutoClaim(KEY, GROUP, "nobody", PATIENCE_MS, "0");
  },
} satisfies ExportedHandler<Env>;
