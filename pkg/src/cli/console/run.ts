/** Serves the page, and the door to the streams on the same address. */

import { spawn } from "node:child_process";
import process from "node:process";
import { UnsupportedError } from "../../errors.ts";
import type { LocalTransport } from "../../local.ts";
import { EngineBackend } from "../../server/engine-backend.ts";
import { listenError } from "../../server/options.ts";
import { WebServer } from "../../server/web.ts";
import { FAILED } from "../command.ts";
import { tellPerson } from "../output.ts";
import { openLocal } from "../wire/local.ts";
import { openPage } from "./page.ts";

const HOST = "127.0.0.1";

/** What `eddyline console` is told. */
export interface ConsoleRequest {
  /** `memory://`, `file:./folder`, or the address of a server. */
  readonly address: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly opensPage: boolean;
  readonly randomToken: () => string;
}

/** Serves until a signal comes; the exit code. */
export async function runConsole(request: ConsoleRequest): Promise<number> {
  const { address } = request;
  const server = /^(https?|wss?):/i.test(address) ? new URL(address) : undefined;
  const page = openPage(server);
  const ended = Promise.withResolvers<number>();
  let transport: LocalTransport | undefined;
  if (server === undefined)
    transport = await openLocal(address, {
      onLost: ({ message }) => tell(message),
      onEnd: ({ message }) => {
        tell(`cannot go on: ${message}`);
        ended.resolve(FAILED);
      },
    });
  const host = () =>
    transport?.host() ?? Promise.reject(new UnsupportedError("only the page is here"));
  // Whose streams are elsewhere lets nobody in here.
  const token = server === undefined ? (request.token ?? request.randomToken()) : undefined;
  const web = new WebServer(new EngineBackend(host), { token }, (event) => tell(event), page);
  try {
    await listen(web, request.port);
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => ended.resolve(0));
    const fragment = fragmentOf(server, server === undefined ? token : request.token);
    const url = `http://${HOST}:${web.port}/${fragment}`;
    process.stdout.write(`${url}\n`);
    tellPerson("open it in a browser; Ctrl-C ends it");
    if (request.opensPage) openInBrowser(url);
    return await ended.promise;
  } finally {
    await web.close();
    await transport?.close();
  }
}

async function listen(web: WebServer, port: number): Promise<void> {
  try {
    await web.listen(HOST, port);
  } catch (cause) {
    throw listenError(cause, {}, `${HOST}:${port}`);
  }
}

/** What only the page is told: no server sees what follows `#`. */
function fragmentOf(server: URL | undefined, token: string | undefined): string {
  const told = new URLSearchParams();
  if (server !== undefined) told.set("server", server.href.replace(/\/$/, ""));
  if (token !== undefined) told.set("token", token);
  return `#${told}`;
}

function openInBrowser(url: string): void {
  const [program = "", ...words] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler"]
        : ["xdg-open"];
  const child = spawn(program, [...words, url], { stdio: "ignore", detached: true });
  child.on("error", () => tell(`no browser could be opened; the address is ${url}`));
  child.unref();
}

function tell(text: string): void {
  process.stderr.write(`eddyline: ${text}\n`);
}
