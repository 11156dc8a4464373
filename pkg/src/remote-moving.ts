/** Exports and imports of the engine behind a Worker: one HTTP request each, one key each. */

import { CommandError, TransportError, UnsupportedError } from "./errors.ts";
import type { ExportOptions, ExportSource, ImportOptions } from "./moving.ts";
import { piecesOf } from "./moving-session.ts";
import { errorText, type RemoteOptions, transportError } from "./remote.ts";
import type { Argument } from "./resp.ts";
import type { MovingTransport } from "./transport.ts";
import { readableOf } from "./web-streams.ts";

/** The way on which keys of the Worker at an address are moved. */
export class RemoteMoving implements MovingTransport {
  readonly #address: URL;
  readonly #options: RemoteOptions;

  constructor(address: URL, options: RemoteOptions) {
    this.#address = address;
    this.#options = options;
  }

  async *export(
    keys: readonly Argument[],
    { signal }: ExportOptions,
  ): AsyncGenerator<Uint8Array, void> {
    const [key] = keys;
    if (key === undefined || keys.length > 1)
      throw new UnsupportedError("over HTTP one key is exported at a time: its name is needed");
    const response = await this.#request(
      pathOf(key, "export"),
      signal === undefined ? {} : { signal },
    );
    if (response.body !== null) yield* piecesOf(response.body);
  }

  async import(source: ExportSource, { as, replace, signal }: ImportOptions): Promise<number> {
    if (as === undefined)
      throw new UnsupportedError("over HTTP one key is imported at a time: `as` has to name it");
    const init = {
      method: "POST",
      body: await bodyOf(source),
      duplex: "half",
      ...(signal !== undefined && { signal }),
    };
    const query = replace ? "?replace=true" : "";
    const response = await this.#request(`${pathOf(as, "import")}${query}`, init);
    return ((await response.json()) as { result: number }).result;
  }

  /** The response of a request that was answered. */
  async #request(path: string, init: RequestInit): Promise<Response> {
    const { token, fetch: send = (request: Request) => fetch(request) } = this.#options;
    const headers = {
      "content-type": "application/octet-stream",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const request = new Request(new URL(path, this.#address), { ...init, headers });
    const response = await send(request).catch((cause: unknown) => {
      throw transportError(cause);
    });
    if (response.ok) return response;
    const text = errorText(new Uint8Array(await response.arrayBuffer()));
    if (response.status === 400 || response.status === 409) throw new CommandError(text);
    throw new TransportError(`the server answered ${response.status}: ${text}`, response.status);
  }
}

function pathOf(key: Argument, what: string): string {
  const name = typeof key === "string" ? key : new TextDecoder().decode(key);
  return `/v1/streams/${encodeURIComponent(name)}/${what}`;
}

/** A body to send: a stream where the platform sends streams, otherwise all of it at once. */
async function bodyOf(source: ExportSource): Promise<BodyInit> {
  const pieces = piecesOf(source);
  if (sendsStreams()) return readableOf(pieces) as ReadableStream<Uint8Array<ArrayBuffer>>;
  const all: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces) all.push(new Uint8Array(piece));
  return new Blob(all);
}

/** Browsers send streams over HTTP/2 only, and do not say beforehand which it will be. */
function sendsStreams(): boolean {
  return !("document" in globalThis || "importScripts" in globalThis);
}
