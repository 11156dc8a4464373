/** `eddyline/server` as a host of scenarios: a server for each, real sockets, the real clock. */

import { setTimeout as sleep } from "node:timers/promises";
import { encodeRequests } from "../../pkg/src/framing.ts";
import { createServer, type Server } from "../../pkg/src/server/index.ts";
import type { Protocol } from "../cases/reply.ts";
import type { CaseHost, CaseTarget } from "../cases/runner.ts";
import { NothingCame, RawClient } from "./server-socket.ts";
import { wasmHost } from "./wasm-host.ts";

const SOON_MS = 50;
const LATE_MS = 5000;

/** A server of its own for each scenario. */
export const serverHost: CaseHost = {
  has: wasmHost.has,
  release: wasmHost.release,
  open: async () => new ServerTarget(await createServer({ port: 0 }).listen()),
};

class ServerTarget implements CaseTarget {
  readonly #server: Server;
  readonly #clients = new Map<string, RawClient>();

  constructor(server: Server) {
    this.#server = server;
  }

  async send(client: string, protocol: Protocol, argv: readonly Uint8Array[]): Promise<void> {
    const raw = this.#clients.get(client) ?? (await this.#connect(client, protocol));
    raw.write(encodeRequests([argv]));
  }

  arrived(client: string): Promise<Uint8Array | undefined> {
    return this.#take(client, SOON_MS);
  }

  wait(client: string): Promise<Uint8Array | undefined> {
    return this.#take(client, LATE_MS);
  }

  async pass(ms: number): Promise<void> {
    await sleep(ms);
  }

  async close(client: string): Promise<void> {
    this.#clients.get(client)?.close();
    this.#clients.delete(client);
  }

  async end(): Promise<void> {
    await this.#server.close();
  }

  async #connect(client: string, protocol: Protocol): Promise<RawClient> {
    const raw = await RawClient.open(this.#server.port);
    this.#clients.set(client, raw);
    if (protocol === 3) await raw.ask("HELLO 3\r\n");
    return raw;
  }

  async #take(client: string, limitMs: number): Promise<Uint8Array | undefined> {
    try {
      return await this.#clients.get(client)?.replyBytes(limitMs);
    } catch (error) {
      if (error instanceof NothingCame) return undefined;
      throw error;
    }
  }
}
