/** Chat rooms, each of them a stream. */

import { router, streams } from "eddyline/worker";
import { Hono } from "hono";

export { StreamObject } from "eddyline/worker";

interface Env {
  STREAMS: DurableObjectNamespace;
  EDDYLINE_TOKEN?: string;
}

/** Rooms forget what is older than this many messages, about. */
const KEPT = 1000;

const app = new Hono<{ Bindings: Env }>();

app.post("/rooms/:room", async (c) => {
  const { text } = await c.req.parseBody();
  const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: KEPT } as const;
  const message = { text: String(text), from: c.req.header("cf-connecting-ip") ?? "somebody" };
  const key = `room:${c.req.param("room")}`;
  return c.json({ id: await streams(c.env.STREAMS).xAdd(key, "*", message, { TRIM: trim }) }, 201);
});

app.get("/rooms/:room", async (c) => {
  const key = `room:${c.req.param("room")}`;
  return c.json(await streams(c.env.STREAMS).xRevRange(key, "+", "-", { COUNT: 50 }));
});

app.all("/streams/*", (c) => {
  const { STREAMS: namespace, EDDYLINE_TOKEN: token } = c.env;
  return router({ namespace, token, path: "/streams" })(c.req.raw);
});

// biome-ignore lint/style/noDefaultExport: a Worker is what its module exports so
export default app;
