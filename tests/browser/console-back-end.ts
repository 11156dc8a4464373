/** The back ends of the console, started for tests. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { serveFolder } from "./static-server.ts";
import { startWrangler } from "./wrangler.ts";

const PROGRAM = fileURLToPath(new URL("../../pkg/bin/eddyline.js", import.meta.url));

/** The page, served, and what is behind it. */
export interface BackEnd extends AsyncDisposable {
  readonly name: "tab" | "worker" | "program";
  /** Where the page is served. */
  readonly origin: string;
  /** Where to open it so that it uses this back end. */
  readonly address: string;
  /** The server's token; none is needed in the tab. */
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

/** The program `eddyline console` with streams in memory: the front door of `serve --http`, and the page. */
export async function startProgram({ port = 0, token = "" } = {}): Promise<BackEnd> {
  const args = [PROGRAM, "console", "memory://", "--port", String(port)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, EDDYLINE_TOKEN: token },
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const address = line.toString().trim();
  const { origin, hash } = new URL(address);
  return {
    name: "program",
    origin,
    address,
    token: new URLSearchParams(hash.slice(1)).get("token") ?? "",
    async [Symbol.asyncDispose]() {
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
    },
  };
}
