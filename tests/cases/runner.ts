/**
 * Runs scenarios on anything that takes commands. A host says what it has and opens targets; the
 * rules of running are those of `README.md` beside this file.
 */

import type { Need, Scenario, Step } from "./notation.ts";
import { decodeReply, type Expected, isExpected, type Protocol, show, toBytes } from "./reply.ts";

/** Something to run scenarios on. */
export interface CaseHost {
  /** What it has, of the words that a scenario may need. */
  has: ReadonlySet<Need>;
  /** The Redis release, major and minor, whose behaviour it has. */
  release: readonly [major: number, minor: number];
  /** An empty keyspace; `keys` are those that the scenario uses. */
  open(keys: readonly Uint8Array[]): Promise<CaseTarget>;
}

/** A keyspace, empty at first, and its clients. A client begins with its first command. */
export interface CaseTarget {
  /** Sends a command, whose reply may not come at once. A new client speaks `protocol`. */
  send(client: string, protocol: Protocol, argv: readonly Uint8Array[]): Promise<void>;
  /**
   * The bytes of the client's next reply, if it has come. Never moves a driven clock; on a real one
   * it gives the reply 50 ms.
   */
  arrived(client: string): Promise<Uint8Array | undefined>;
  /** The bytes of the client's next reply; moves a driven clock on, or waits up to 5 s. */
  wait(client: string): Promise<Uint8Array | undefined>;
  /** Time goes by. */
  pass(ms: number): Promise<void>;
  /** The client disconnects. */
  close(client: string): Promise<void>;
  /** Ends the use of the keyspace. */
  end(): Promise<void>;
}

/** What the scenario needs and the host lacks. */
export function lacking(scenario: Scenario, host: CaseHost): Need[] {
  return scenario.needs.filter((need) => {
    const [major, minor] = need.split(".").map(Number);
    if (major === undefined || minor === undefined) return !host.has.has(need);
    return host.release[0] < major || (host.release[0] === major && host.release[1] < minor);
  });
}

/** Runs a scenario; throws an error that says where and how it went wrong. */
export async function runScenario(
  scenario: Scenario,
  host: CaseHost,
  protocol: Protocol,
): Promise<void> {
  const target = await host.open(scenario.keys.map(toBytes));
  try {
    await new Run(target, protocol).scenario(scenario);
  } finally {
    await target.end();
  }
}

class Run {
  readonly #target: CaseTarget;
  /** What a client speaks from its first command on. */
  readonly #start: Protocol;
  /** What each client speaks now. */
  readonly #clients = new Map<string, Protocol>();

  constructor(target: CaseTarget, protocol: Protocol) {
    this.#target = target;
    this.#start = protocol;
  }

  async scenario(scenario: Scenario): Promise<void> {
    for (const step of scenario.steps) {
      const problem = await this.#step(step);
      if (problem === undefined) continue;
      throw new Error(`line ${step.line}, RESP${this.#start}: ${showStep(step)}\n${problem}`);
    }
    for (const client of this.#clients.keys()) {
      const reply = await this.#target.arrived(client);
      if (reply !== undefined) throw new Error(`for ${client} nobody expected ${cameText(reply)}`);
    }
  }

  /** What is wrong. */
  async #step(step: Step): Promise<string | undefined> {
    switch (step.kind) {
      case "command":
        return await this.#repeat(step);
      case "arrives":
        return this.#compare(step.client, step.expect, await this.#target.wait(step.client));
      case "stillParked":
        return notParked(await this.#target.arrived(step.client));
      case "pass":
        await this.#target.pass(step.ms);
        return undefined;
      case "close":
        this.#clients.delete(step.client);
        await this.#target.close(step.client);
        return undefined;
    }
  }

  async #repeat(step: Step & { kind: "command" }): Promise<string | undefined> {
    for (let turn = 1; turn <= step.times; turn++) {
      const fill = (text: string) => (step.times > 1 ? text.replaceAll("%i", String(turn)) : text);
      const problem = await this.#command(step, fill);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  async #command(
    { client, argv, expect }: Step & { kind: "command" },
    fill: (text: string) => string,
  ): Promise<string | undefined> {
    const protocol = this.#clients.get(client) ?? this.#start;
    this.#clients.set(client, protocol);
    await this.#target.send(
      client,
      protocol,
      argv.map((word) => toBytes(fill(word))),
    );
    if (expect === "parked") return notParked(await this.#target.arrived(client));
    this.#clients.set(client, switched(argv, expect) ?? protocol);
    return this.#compare(client, filled(expect, fill), await this.#target.wait(client));
  }

  #compare(client: string, expected: Expected, reply: Uint8Array | undefined): string | undefined {
    const protocol = this.#clients.get(client) ?? this.#start;
    if (reply !== undefined && isExpected(expected, decodeReply(reply), protocol)) return undefined;
    return `expected: ${show(expected)}\ncame:     ${cameText(reply)}`;
  }
}

/** The protocol that a HELLO or a RESET which is not refused switches to. */
function switched([name, version]: readonly string[], expect: Expected): Protocol | undefined {
  if (expect.type === "error") return undefined;
  if (name?.toUpperCase() === "RESET") return 2;
  if (name?.toUpperCase() !== "HELLO" || version === undefined) return undefined;
  return version === "3" ? 3 : 2;
}

function filled(expected: Expected, fill: (text: string) => string): Expected {
  const each = (inner: Expected): Expected => filled(inner, fill);
  switch (expected.type) {
    case "bulk":
    case "simple":
    case "error":
      return { ...expected, text: fill(expected.text) };
    case "array":
    case "push":
    case "set":
    case "unordered":
      return { ...expected, items: expected.items.map(each) };
    case "lines":
      return { ...expected, lines: expected.lines.map(fill) };
    case "map":
    case "pairs":
      return { ...expected, pairs: expected.pairs.map(([key, value]) => [each(key), each(value)]) };
    default:
      return expected;
  }
}

function notParked(reply: Uint8Array | undefined): string | undefined {
  return reply === undefined ? undefined : `expected: parked\ncame:     ${cameText(reply)}`;
}

function cameText(reply: Uint8Array | undefined): string {
  return reply === undefined ? "nothing" : show(decodeReply(reply));
}

function showStep(step: Step): string {
  const text = (bytes: string) => new TextDecoder().decode(toBytes(bytes));
  return step.kind === "command" ? `${step.client}> ${text(step.argv.join(" "))}` : step.kind;
}

/** The scenario as a name for a test. */
export function nameOf(scenario: Scenario, protocol: Protocol): string {
  return `${new TextDecoder().decode(toBytes(scenario.name))} (RESP${protocol})`;
}
