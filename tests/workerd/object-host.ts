/** The Worker as a host of scenarios: every command is an HTTP request, and so a session, of its own. */

import { setTimeout as sleep } from "node:timers/promises";
import { encodeRequests, replyEnd } from "../../pkg/src/framing.ts";
import type { Protocol } from "../cases/reply.ts";
import type { CaseHost, CaseTarget } from "../cases/runner.ts";
import type { Sent, Workerd } from "./workerd.ts";

/** How long a reply may take that is expected, and one that is not. */
const REPLY_MS = 5000;
const SILENCE_MS = 50;

/** Scenarios on a Worker made of `fixtures/apart.ts`. */
export function objectHost(server: Workerd): CaseHost {
  let keyspaces = 0;
  return {
    has: new Set(["blocking"]),
    release: [8, 10],
    open: async () => new ObjectTarget(server, String(++keyspaces)),
  };
}

/** A command under way. */
interface Call {
  reply: Promise<Uint8Array>;
  hangUp(): void;
}

class ObjectTarget implements CaseTarget {
  readonly #server: Workerd;
  readonly #keyspace: string;
  /** For each client the commands whose replies were not looked at yet. */
  readonly #calls = new Map<string, Call[]>();

  constructor(server: Workerd, keyspace: string) {
    this.#server = server;
    this.#keyspace = keyspace;
  }

  async send(client: string, protocol: Protocol, argv: readonly Uint8Array[]): Promise<void> {
    const body = encodeRequests(protocol === 3 ? [["HELLO", "3"], argv] : [argv]);
    const headers = { "content-type": "application/octet-stream", keyspace: this.#keyspace };
    const sent = this.#server.send(body, headers);
    const reply = replyOf(sent, protocol);
    // Whoever looks at it hears of the failure; nobody does after `close`.
    reply.catch(() => {});
    this.#calls.set(client, [...(this.#calls.get(client) ?? []), { reply, hangUp: sent.hangUp }]);
  }

  arrived(client: string): Promise<Uint8Array | undefined> {
    return this.#next(client, SILENCE_MS);
  }

  wait(client: string): Promise<Uint8Array | undefined> {
    return this.#next(client, REPLY_MS);
  }

  async pass(ms: number): Promise<void> {
    await sleep(ms);
  }

  async close(client: string): Promise<void> {
    const calls = this.#calls.get(client) ?? [];
    this.#calls.delete(client);
    for (const call of calls) call.hangUp();
    if (calls.length > 0) await sleep(SILENCE_MS);
  }

  async end(): Promise<void> {
    for (const client of [...this.#calls.keys()]) await this.close(client);
  }

  async #next(client: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    const first = this.#calls.get(client)?.[0];
    if (first === undefined) return undefined;
    const silence = new AbortController();
    const timeout = sleep(timeoutMs, undefined, { signal: silence.signal }).catch(() => undefined);
    const reply = await Promise.race([first.reply, timeout]);
    silence.abort();
    if (reply !== undefined) this.#calls.get(client)?.shift();
    return reply;
  }
}

async function replyOf(sent: Sent, protocol: Protocol): Promise<Uint8Array> {
  const { status, body } = await sent.answer;
  if (status !== 200) throw new Error(`${status} ${new TextDecoder().decode(body)}`);
  return protocol === 3 ? body.subarray(replyEnd(body, 0)) : body;
}
