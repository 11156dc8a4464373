/** A server that answers HTTP, and how tests talk to it. */

import { createServer, type Server } from "../../pkg/src/server/index.ts";
import type { ServerOptions } from "../../pkg/src/server/options.ts";

export const TOKEN = "a secret of the tests";

/** A server and its address over HTTP. */
export class HttpHost implements AsyncDisposable {
  readonly server: Server;
  readonly address: string;

  private constructor(server: Server) {
    this.server = server;
    this.address = `http://127.0.0.1:${server.httpPort}`;
  }

  static async start(options: ServerOptions = {}): Promise<HttpHost> {
    const http = { port: 0, token: TOKEN, ...options.http };
    return new HttpHost(await createServer({ port: 0, ...options, http }).listen());
  }

  /** Sends a request with the token. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${TOKEN}`);
    return fetch(this.address + path, { ...init, headers });
  }

  /** Status and body of a request with JSON in both directions. */
  async json(
    path: string,
    body?: unknown,
    headers = {},
  ): Promise<{ status: number; body: unknown }> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await this.fetch(path, { ...init, headers });
    return { status: response.status, body: await response.json() };
  }

  /** The result of a command. */
  async result(...command: unknown[]): Promise<unknown> {
    const { status, body } = await this.json("/", command);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return (body as { result: unknown }).result;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.close();
  }
}
