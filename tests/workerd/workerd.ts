/** workerd, the runtime itself, without wrangler round it: starts in well under a second and can be killed at any moment. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import { type BundleOptions, bundle } from "./bundle.ts";

export const TOKEN = "a token for tests";
const START_MS = 20_000;
/** The path of the program, which the package gives. */
const { default: PROGRAM } = createRequire(import.meta.url)("workerd") as { default: string };

/** A request under way. */
export interface Sent {
  /** Status and body of the response. */
  answer: Promise<{ status: number; body: Uint8Array }>;
  /**
   * Breaks the connection. With a reset, because of an orderly end workerd takes notice only when
   * it writes the next time.
   */
  hangUp(): void;
}

/** How a Worker is started. */
export interface WorkerdOptions extends BundleOptions {
  /** Its secret; null: it has none. */
  token?: string | null;
  /** Its other variables. */
  variables?: Record<string, string>;
}

/** A Worker, and what its objects have stored, which outlives the process. */
export class Workerd {
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** Bundles and starts the Worker with an empty storage. */
  static async start(options: WorkerdOptions = {}): Promise<Workerd> {
    const folder = mkdtempSync(join(tmpdir(), "eddyline-workerd-"));
    const server = new Workerd(folder, await freePort());
    const modules = await bundle(folder, options);
    mkdirSync(join(folder, "objects"));
    const { token = TOKEN, variables = {} } = options;
    const bindings = token === null ? variables : { EDDYLINE_TOKEN: token, ...variables };
    writeFileSync(join(folder, "config.capnp"), configuration(modules, server.#port, bindings));
    await server.restart();
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** What the Worker has logged. */
  get log(): string {
    return this.#log;
  }

  /** Starts the process, on the storage that the last one left. */
  async restart(): Promise<void> {
    const child = spawn(PROGRAM, ["serve", "config.capnp"], { cwd: this.#folder });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#log += text;
      });
    }
    const deadline = performance.now() + START_MS;
    while (performance.now() < deadline && child.exitCode === null) {
      try {
        await fetch(this.address, { method: "OPTIONS" });
        return;
      } catch {
        await sleep(10);
      }
    }
    throw new Error(`workerd did not start: ${this.#log}`);
  }

  /** The databases of the objects that hold keys. */
  databases(): string[] {
    const folder = join(this.#folder, "objects", "streams");
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).filter((name) => /^[0-9a-f]+\.sqlite$/.test(name));
    return names.map((name) => join(folder, name)).filter(hasJournal);
  }

  /** Ends the process without giving it a chance to finish anything. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Sends a request with the token. */
  post(path: string, body: BodyInit, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${TOKEN}`, ...init.headers };
    return fetch(new URL(path, this.address), { ...init, method: "POST", headers, body });
  }

  /** Sends a request with the token, on a connection that can be broken. */
  send(body: string | Uint8Array, headers: Record<string, string> = {}): Sent {
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<Sent["answer"]>>();
    const options = {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      // A connection of its own.
      agent: false,
    } as const;
    const sent = request(this.address, options, (response) => {
      const pieces: Uint8Array[] = [];
      response.on("data", (piece: Uint8Array) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }),
      );
    });
    sent.on("error", reject).end(body);
    return { answer: promise, hangUp: () => sent.socket?.resetAndDestroy() };
  }

  /** Runs a command; its status and the parsed body. */
  async run(...argv: unknown[]): Promise<{ status: number; body: unknown }> {
    const response = await this.post("/", JSON.stringify(argv));
    return { status: response.status, body: await response.json() };
  }

  /** Runs a command that must succeed; its result. */
  async result(...argv: unknown[]): Promise<unknown> {
    const { status, body } = await this.run(...argv);
    if (status !== 200) throw new Error(`${argv.join(" ")}: ${status} ${JSON.stringify(body)}`);
    return (body as { result: unknown }).result;
  }

  /** Runs commands in one request; an answer for each. */
  async pipeline(commands: unknown[][]): Promise<{ result?: unknown; error?: string }[]> {
    const response = await this.post("/pipeline", JSON.stringify(commands));
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as { result?: unknown; error?: string }[];
  }
}

/** Whether an engine's journal is in a database, and not a part of the index. */
function hasJournal(file: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return (
      database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'journal'").get() !== undefined
    );
  } finally {
    database.close();
  }
}

function configuration(modules: string[], port: number, variables: Record<string, string>): string {
  const embedded = modules.map((name) =>
    name.endsWith(".wasm")
      ? `(name = "${name}", wasm = embed "${name}")`
      : `(name = "${name}", esModule = embed "${name}")`,
  );
  const texts = Object.entries(variables).map(
    ([name, text]) => `, (name = "${name}", text = ${JSON.stringify(text)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "objects", disk = (path = "objects", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [${embedded.join(", ")}],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["enable_request_signal"],
  durableObjectNamespaces = [(className = "StreamObject", uniqueKey = "streams", enableSql = true)],
  durableObjectStorage = (localDisk = "objects"),
  bindings = [(name = "STREAMS", durableObjectNamespace = "StreamObject")${texts.join("")}],
);
`;
}
