/** The two back ends of the console, started for tests. */

import { serveFolder } from "./static-server.ts";
import { startWrangler } from "./wrangler.ts";

/** The page, served, and what is behind it. */
export interface BackEnd extends AsyncDisposable {
  readonly name: "tab" | "worker";
  /** Where the page is served. */
  readonly origin: string;
  /** Where to open it so that it uses this back end. */
  readonly address: string;
  /** The Worker's token; none is needed in the tab. */
  readonly token: string;
}

/** A static server; the engine runs in the page. */
export async function startTab(): Promise<BackEnd> {
  const server = await serveFolder("www/dist/");
  return {
    name: "tab",
    origin: server.origin,
    address: server.origin,
    token: "",
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The Worker, which serves the page itself. */
export async function startWorker(): Promise<BackEnd> {
  const { origin, token, [Symbol.asyncDispose]: dispose } = await startWrangler();
  return {
    name: "worker",
    origin,
    address: `${origin}/#token=${token}`,
    token,
    [Symbol.asyncDispose]: dispose,
  };
}
