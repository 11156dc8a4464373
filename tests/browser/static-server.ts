/** Serves folders of this repository as any static server would, on a free port of loopback. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

/** The repository's root. */
const ROOT = new URL("../../", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** A server that listens. */
export interface StaticServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
}

/**
 * Serves the folder `path` (from the repository's root, with a slash at its end).
 *
 * @param scripts what is served besides, by path
 */
export async function serveFolder(
  path: string,
  scripts: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const folder = new URL(path, ROOT);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = new URL(`.${pathname === "/" ? "/index.html" : pathname}`, folder);
    try {
      const body = scripts[pathname] ?? (await readFile(file));
      const type = TYPES[extname(file.pathname)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type }).end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html>not here");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
