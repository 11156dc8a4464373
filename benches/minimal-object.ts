/** A Worker with the least that an object which keeps something can do: one SQL insert a request. */

import { DurableObject } from "cloudflare:workers";

export class StreamObject extends DurableObject {
  constructor(state: DurableObjectState, env: unknown) {
    super(state, env as never);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    );
  }

  override async fetch(request: Request): Promise<Response> {
    const body = await request.text();
    const cursor = this.ctx.storage.sql.exec(
      "INSERT INTO entry (body) VALUES (?) RETURNING id",
      body,
    );
    return Response.json({ result: cursor.one()["id"] });
  }
}

interface Env {
  STREAMS: DurableObjectNamespace;
}

// biome-ignore lint/style/noDefaultExport: workerd calls what is exported so
export default {
  fetch(request, env) {
    if (request.method === "OPTIONS") return new Response(null, { status: 204 });
    return env.STREAMS.get(env.STREAMS.idFromName("bench")).fetch(request);
  },
} satisfies ExportedHandler<Env>;
