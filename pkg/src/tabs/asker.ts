/**
 * Requests of this tab to the leader: what is not answered is asked again of the next one, unless
 * the answer was kept.
 */

import type { BlockingRead } from "../commands/blocking-read.ts";
import { ClosedError, type EddylineError, StorageFullError, TransportError } from "../errors.ts";
import { encodeRequests } from "../framing.ts";
import * as limits from "../limits.ts";
import { restoredError } from "../local.ts";
import { commandsOf, type PendingRequest, settle } from "../pending.ts";
import { type Argv, ReplyReader, requestBound } from "../resp.ts";
import { soon } from "../soon.ts";
import type { NumberedAnswer } from "../storage/answers.ts";
import {
  type Answering,
  type Asking,
  type LobbyMessage,
  names,
  ORDINARY,
  type Words,
} from "./messages.ts";

/** A request of this tab. */
export interface TabRequest extends PendingRequest {
  /** Counts up with the calls: requests are done in its order. */
  readonly number: number;
  readonly lane: number;
  /** Whether its lane is its own and ends with it. Other lanes but that of ordinary calls end with their leader. */
  readonly isOnce: boolean;
  /** The wait, of which less is left each time it is asked. */
  readonly read?: BlockingRead | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Whether a leader may have done it. */
  wasSent?: boolean;
  /** Reminds the leader that its time is over. */
  reminder?: ReturnType<typeof setTimeout>;
}

/** What asks. */
export class Asker {
  readonly #tab: string;
  readonly #lobby: BroadcastChannel;
  readonly #channel: BroadcastChannel;
  readonly #onSilence: () => void;
  readonly #unanswered = new Map<number, TabRequest>();
  #unsent: TabRequest[] = [];
  /** Answers that the leader need not keep. */
  #taken: number[] = [];
  #session = 0;
  #isWelcome = false;
  #welcome = Promise.withResolvers<void>();
  /** Whether that has been settled. */
  #isSettledIn = false;
  #onIdle: (() => void) | undefined;
  /** Whether there is somebody to ask but this tab itself. */
  #isAsking = true;
  /** Pings since something was heard, and the timer of the next one. */
  #pings = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onSilence hears that the leader has not answered for long */
  constructor(database: string, tab: string, lobby: BroadcastChannel, onSilence: () => void) {
    this.#tab = tab;
    this.#lobby = lobby;
    this.#channel = new BroadcastChannel(names.channel(database, tab));
    this.#onSilence = onSilence;
    this.#channel.onmessage = ({ data }: MessageEvent<Answering>) => this.#receive(data);
  }

  /** Resolves when a leader has welcomed this tab. */
  get welcomed(): Promise<void> {
    return this.#welcome.promise;
  }

  /** Counts the greetings: a lane that lasts is of one session. */
  get session(): number {
    return this.#session;
  }

  /** Resolves when everything is answered. */
  async idle(): Promise<void> {
    while (this.#unanswered.size > 0)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
  }

  /** Asks, now or as soon as there is a leader. */
  ask(request: TabRequest): void {
    this.#unanswered.set(request.number, request);
    request.signal?.addEventListener("abort", this.#onAbort);
    if (this.#isWelcome) this.#send(request);
  }

  /** Gives up a lane, whose requests are answered. */
  endLane(lane: number): void {
    if (this.#isWelcome) this.#tell({ kind: "end", lane });
  }

  /** Greets: this tab knows of no leader, or cannot rely on what it was told. */
  greet(): void {
    this.#isAsking = true;
    if (this.#isSettledIn) this.#welcome = Promise.withResolvers();
    this.#isSettledIn = false;
    this.#isWelcome = false;
    this.#unsent = [];
    this.#session++;
    const unanswered = [...this.#unanswered.keys()];
    this.#say({ kind: "hello", tab: this.#tab, session: this.#session, unanswered });
    this.#watch();
  }

  /** Takes what is said in the lobby. */
  hear(message: LobbyMessage): void {
    if (message.kind !== "leader" && message.kind !== "pong") return;
    if (message.to !== undefined && message.to !== this.#tab) return;
    this.#pings = 0;
    if (message.kind === "leader") this.greet();
  }

  /** This tab leads: what is not answered, in order, for it to do itself. */
  retire(answers: readonly NumberedAnswer[]): TabRequest[] {
    this.#isAsking = false;
    this.#isWelcome = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settle(answers);
    const left = this.#repeatable();
    for (const request of left) this.#forget(request);
    this.#unsent = [];
    this.#settleIn();
    return left;
  }

  /** Rejects everything: there is nobody to ask. */
  fail(reason: unknown): void {
    for (const request of [...this.#unanswered.values()]) this.#reject(request, reason);
    this.#settleIn();
  }

  /** Ends it; nothing is unanswered. */
  close(): void {
    clearTimeout(this.#timer);
    this.#channel.close();
  }

  #receive(message: Answering): void {
    if (message.session !== this.#session || !this.#isAsking) return;
    this.#pings = 0;
    switch (message.kind) {
      case "welcome":
        this.#settle(message.answers);
        this.#isWelcome = true;
        this.#settleIn();
        for (const request of this.#repeatable()) this.#send(request);
        break;
      case "answer":
        if (message.isKept) for (const [number] of message.answers) this.#taken.push(number);
        this.#settle(message.answers);
        break;
      case "failure":
        for (const number of message.numbers) this.#fail(number, failureOf(message));
        break;
      case "ended":
        // What has been answered is settled by now.
        for (const request of [...this.#unanswered.values()])
          if (request.lane === message.lane && request.lane !== ORDINARY)
            this.#reject(request, request.signal?.reason ?? new ClosedError());
    }
  }

  #settleIn(): void {
    this.#isSettledIn = true;
    this.#welcome.resolve();
  }

  #settle(answers: readonly NumberedAnswer[]): void {
    for (const [number, bytes] of answers) {
      const request = this.#unanswered.get(number);
      if (request === undefined) continue;
      this.#forget(request);
      settle(request, new ReplyReader(bytes));
    }
  }

  /** What can be asked again; what cannot is rejected. */
  #repeatable(): TabRequest[] {
    const all = [...this.#unanswered.values()].sort((one, other) => one.number - other.number);
    return all.filter((request) => {
      if (request.signal?.aborted) this.#reject(request, request.signal.reason);
      else if (request.lane !== ORDINARY && !request.isOnce) this.#reject(request, lostError());
      else return true;
      return false;
    });
  }

  #send(request: TabRequest): void {
    if (this.#unsent.push(request) === 1) soon(() => this.#sendAll());
    this.#watch();
  }

  /** Sends what is unsent: requests of one lane that follow one another travel together. */
  #sendAll(): void {
    const unsent = this.#unsent.filter(({ number }) => this.#unanswered.has(number));
    this.#unsent = [];
    if (!this.#isWelcome) return;
    for (let at = 0; at < unsent.length; ) {
      const end = runEnd(unsent, at);
      this.#sendRun(unsent.slice(at, end));
      at = end;
    }
  }

  #sendRun(run: readonly TabRequest[]): void {
    const [first] = run;
    if (first === undefined) return;
    for (const request of run) {
      request.wasSent = true;
      this.#remind(request);
    }
    const requests = run.map(({ number, before = [] }) => [number, before.length + 1] as const);
    const bytes = encodeRequests(run.flatMap(wordsOf));
    const { lane, isOnce } = first;
    const taken = this.#taken;
    this.#taken = [];
    this.#tell({ kind: "ask", lane, isOnce, requests, bytes, taken });
  }

  /** Ends the waits whose signal says so. */
  readonly #onAbort = (): void => {
    if (!this.#isAsking) return;
    for (const request of [...this.#unanswered.values()]) {
      if (!request.signal?.aborted) continue;
      // What was sent may have been done: the leader knows, or else the next one will.
      if (!request.wasSent) this.#reject(request, request.signal.reason);
      else if (this.#isWelcome) this.#tell({ kind: "end", lane: request.lane });
    }
  };

  /** Browsers let timers of pages out of sight wait, and the leader may be one: this tab may not. */
  #remind(request: TabRequest): void {
    clearTimeout(request.reminder);
    const leftMs = request.read?.leftMs ?? Number.POSITIVE_INFINITY;
    if (leftMs > limits.timerMs) return;
    const { lane } = request;
    request.reminder = setTimeout(() => {
      if (this.#isWelcome) this.#tell({ kind: "run", lane });
    }, leftMs + limits.reminderMs);
  }

  #fail(number: number, reason: EddylineError): void {
    const request = this.#unanswered.get(number);
    if (request !== undefined) this.#reject(request, reason);
  }

  #reject(request: TabRequest, reason: unknown): void {
    this.#forget(request);
    request.call.reject(reason);
  }

  #forget({ number, signal, reminder }: TabRequest): void {
    this.#unanswered.delete(number);
    clearTimeout(reminder);
    signal?.removeEventListener("abort", this.#onAbort);
    if (this.#unanswered.size === 0) this.#onIdle?.();
  }

  /** Asks now and then whether the leader is still there, as long as it owes something. */
  #watch(): void {
    if (this.#timer !== undefined || !this.#isAsking) return;
    // Not all tabs at once.
    const ms = limits.leaderPingMs * (1 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isWelcome && this.#unanswered.size === 0) this.#pings = 0;
      else this.#ping();
    }, ms);
  }

  #ping(): void {
    if (this.#pings >= limits.leaderPings) {
      this.#pings = 0;
      this.#onSilence();
    }
    this.#pings++;
    this.#say({ kind: "ping", tab: this.#tab, session: this.#session });
    this.#watch();
  }

  #tell(words: Words<Asking>): void {
    this.#channel.postMessage({ session: this.#session, ...words });
  }

  #say(message: LobbyMessage): void {
    this.#lobby.postMessage(message);
  }
}

/** What is told of a lane that went with its leader. */
export function lostError(): TransportError {
  const text = "the tab that did the work has gone; the export or import was not finished";
  return new TransportError(text, undefined, { effect: "none" });
}

function failureOf({ code, message }: { code: string; message: string }): EddylineError {
  if (code === "STORAGE_FULL") return new StorageFullError(message);
  if (code === "CLOSED") return new ClosedError(message);
  return restoredError(new Error(message));
}

function wordsOf({ read, argv, ...request }: TabRequest): readonly Argv[] {
  return commandsOf({ ...request, argv: read?.argv() ?? argv });
}

/** Where a run of requests of one lane ends that is not too large for one turn. */
function runEnd(requests: readonly TabRequest[], start: number): number {
  const lane = requests[start]?.lane;
  let end = start;
  let bytes = 0;
  while (end < requests.length && requests[end]?.lane === lane && bytes < limits.turnBytes) {
    for (const argv of commandsOf(requests[end] as TabRequest)) bytes += requestBound(argv);
    end++;
  }
  return end;
}
