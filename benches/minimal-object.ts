/**
 * A Worker with the least that an object which keeps something can do: an SQL insert for each
 * request, and whoever listens is written each of them.
 */

import { DurableObject } from "cloudflare:workers";

const encoder = new TextEncoder();

export class StreamObject extends DurableObject {
  readonly #listeners = new Set<WritableStreamDefaultWriter<Uint8Array>>();

  constructor(state: DurableObjectState, env: unknown) {
    super(state, env as never);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    );
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.method === "GET") return this.#listen();
    const body = await request.text();
    const commands: unknown = JSON.parse(body);
    const isPipeline = request.url.endsWith("/pipeline");
    const rows = isPipeline ? (commands as unknown[]) : [commands];
    const results = rows.map((row) => this.#insert(JSON.stringify(row)));
    return Response.json(isPipeline ? results : results[0]);
  }

  #insert(body: string): { result: unknown } {
    const { sql } = this.ctx.storage;
    const { id } = sql.exec("INSERT INTO entry (body) VALUES (?) RETURNING id", body).one();
    const event = encoder.encode(`id: ${id}\ndata: ${body}\n\n`);
    for (const listener of this.#listeners)
      listener.write(event).catch(() => this.#listeners.delete(listener));
    return { result: id };
  }

  #listen(): Response {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const listener = writable.getWriter();
    this.#listeners.add(listener);
    // Headers go out with the first bytes.
    listener.write(encoder.encode(":\n\n")).catch(() => this.#listeners.delete(listener));
    return new Response(readable, { headers: { "content-type": "text/event-stream" } });
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
