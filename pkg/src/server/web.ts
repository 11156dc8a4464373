/** The front door on Node: its HTTP server, whose requests and responses are those of the Web. */

import { once } from "node:events";
import {
  createServer,
  type Server as HttpListener,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { Readable } from "node:stream";
import type { Backend } from "../http/backend.ts";
import type { Attach } from "../http/call.ts";
import { type Door, handle } from "../http/handler.ts";
import * as limits from "../limits.ts";
import { PROTOCOL } from "../subprotocols.ts";
import type { ServerOptions, WebOptions } from "./options.ts";
import type { WebSocketServer } from "./ws.ts";

const HOW_TO_SET_TOKEN =
  "set the environment variable EDDYLINE_TOKEN, or the option http.token, before the server starts";

/** Answers what is no business of the door: a page's files. */
export type Page = (request: Request) => Promise<Response | undefined>;

/** A listener for HTTP, and the sockets that came of it. */
export class WebServer {
  readonly #listener: HttpListener;
  readonly #door: Door;
  #sockets: WebSocketServer | undefined;

  constructor(
    backend: Backend,
    options: Pick<WebOptions, "token" | "readOnlyToken">,
    log: NonNullable<ServerOptions["log"]>,
    page?: Page,
  ) {
    this.#door = {
      backend,
      token: options.token,
      readOnlyToken: options.readOnlyToken,
      howToSetToken: HOW_TO_SET_TOKEN,
      log: ({ event, ...details }) => log(event, details),
    };
    const settings = {
      headersTimeout: limits.requestMs,
      // A file that is imported takes as long as it takes.
      requestTimeout: 0,
      keepAliveTimeout: limits.idleHttpMs,
      // Who has gone without a word is noticed, a WebSocket's other side too.
      keepAlive: true,
      keepAliveInitialDelay: limits.keepAliveMs,
    };
    this.#listener = createServer(settings, (request, response) => {
      void answer(request, response, this.#door, page);
    });
    this.#listener.setTimeout(limits.silentHttpMs);
    this.#listener.on("upgrade", (request, socket, head) => {
      this.#upgrade(request, socket, head).catch(() => socket.destroy());
    });
  }

  /** The port on which it listens. */
  get port(): number {
    const address = this.#listener.address();
    if (typeof address !== "object" || address === null)
      throw new TypeError("the server does not listen");
    return address.port;
  }

  /** @throws the system's error when it cannot */
  async listen(host: string, port: number): Promise<void> {
    // Not loaded by who does not serve HTTP.
    const { WebSocketServer } = await import("./ws.ts");
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: limits.socketMessageBytes,
      handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
    });
    this.#listener.listen(port, host);
    await once(this.#listener, "listening");
  }

  /** Stops listening, and ends what is open. */
  async close(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = once(this.#listener, "close");
    this.#listener.close();
    for (const socket of this.#sockets?.clients ?? []) socket.close(1001, "the server is ending");
    this.#listener.closeIdleConnections();
    const patience = setTimeout(() => this.#endAll(), limits.lingerMs);
    await closed;
    clearTimeout(patience);
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
  }

  /** Streams of events would never end by themselves. */
  #endAll(): void {
    this.#listener.closeAllConnections();
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => {});
    let attach: Attach | undefined;
    const upgrade = (given: Attach) => {
      attach = given;
      return new Response(null);
    };
    const response = await handle(toRequest(request), { ...this.#door, upgrade });
    if (attach === undefined) {
      await refuse(socket, response);
      return;
    }
    const take = attach;
    this.#sockets?.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.binaryType = "arraybuffer";
      take(webSocket);
    });
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  door: Door,
  page: Page | undefined,
): Promise<void> {
  const gone = new AbortController();
  outgoing.on("error", () => {});
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  try {
    const body = await bodyOf(incoming);
    const request = toRequest(incoming, body, gone.signal);
    const response = (await page?.(request)) ?? (await handle(request, door));
    await send(response, outgoing, gone.signal);
  } catch {
    // The response has begun, so its reader can only be told by breaking it off.
    outgoing.destroy();
  }
}

/** A short body, read at once, as that is quicker than a stream; another one as it comes. */
async function bodyOf(incoming: IncomingMessage): Promise<BodyInit | undefined> {
  if (incoming.method === "GET" || incoming.method === "HEAD") return undefined;
  const announced = Number(incoming.headers["content-length"] ?? Number.NaN);
  if (!(announced <= limits.turnBytes)) return Readable.toWeb(incoming) as ReadableStream;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer<ArrayBuffer>);
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : new Blob(pieces);
}

function toRequest(incoming: IncomingMessage, body?: BodyInit, signal?: AbortSignal): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const text of [value ?? []].flat()) given.append(name, text);
  }
  return new Request(new URL(url, "http://localhost"), {
    method,
    headers: given,
    ...(signal !== undefined && { signal }),
    ...(body !== undefined && { body, duplex: "half" }),
  });
}

async function send(
  response: Response,
  outgoing: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const headers: OutgoingHttpHeaders = Object.fromEntries(response.headers);
  if (response.body === null) {
    outgoing.writeHead(response.status, headers).end();
    return;
  }
  const isWhole = /^application\/json\b/.test(String(headers["content-type"]));
  if (isWhole || headers["content-length"] !== undefined) {
    const bytes = Buffer.from(await response.arrayBuffer());
    outgoing.writeHead(response.status, { ...headers, "content-length": bytes.byteLength });
    outgoing.end(bytes);
    return;
  }
  outgoing.writeHead(response.status, headers).flushHeaders();
  const reader = response.body.getReader();
  gone.addEventListener("abort", () => void reader.cancel().catch(() => {}));
  if (gone.aborted) await reader.cancel();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    if (!outgoing.write(value)) await drained(outgoing, gone);
  }
  outgoing.end();
}

/** Resolves when the reader has taken what was written, or has gone. */
function drained(outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      gone.removeEventListener("abort", done);
      resolve();
    };
    outgoing.on("drain", done);
    gone.addEventListener("abort", done);
    if (gone.aborted) done();
  });
}

/** Answers a handshake that is none. */
async function refuse(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const lines = [`HTTP/1.1 ${response.status} Refused`, `content-length: ${body.byteLength}`];
  for (const [name, value] of response.headers) lines.push(`${name}: ${value}`);
  socket.end(
    Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\nconnection: close\r\n\r\n`), body]),
  );
}
