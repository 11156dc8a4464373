/** The leader's service to the other tabs of its database. */

import { untilFree } from "./election.ts";
import { Follower, type Lead } from "./follower.ts";
import { type LobbyMessage, names } from "./messages.ts";

/** From the election to the end of the lead. */
export class Service {
  readonly #database: string;
  readonly #lobby: BroadcastChannel;
  readonly #lead = Promise.withResolvers<Lead>();
  readonly #followers = new Map<string, Follower>();
  /** Tabs whose end is awaited. */
  readonly #watched = new Set<string>();
  readonly #stopping = new AbortController();

  /** Asks all tabs to greet; they are welcomed once {@link serve} says what is served. */
  constructor(database: string, lobby: BroadcastChannel) {
    this.#database = database;
    this.#lobby = lobby;
    this.#say({ kind: "leader" });
  }

  /** Begins to answer. */
  serve(lead: Lead): void {
    // Of tabs before this lead: they will greet, or have gone.
    for (const tab of lead.answers.senders) this.#watch(tab);
    this.#lead.resolve(lead);
  }

  /** Ends it. What is not answered is asked of the next leader. */
  stop(): void {
    this.#stopping.abort();
    for (const follower of this.#followers.values()) follower.end();
    this.#followers.clear();
  }

  /** Takes what is said in the lobby. */
  hear(message: LobbyMessage): void {
    switch (message.kind) {
      case "hello":
        this.#follower(message.tab).greet(message.session, message.unanswered);
        // It may be a while before it is welcomed.
        this.#say({ kind: "pong", to: message.tab });
        break;
      case "ping": {
        const { tab, session } = message;
        const isKnown = this.#followers.get(tab)?.session === session;
        this.#say({ kind: isKnown ? "pong" : "leader", to: tab });
        break;
      }
      default:
    }
  }

  #follower(tab: string): Follower {
    const known = this.#followers.get(tab);
    if (known !== undefined) return known;
    const channel = new BroadcastChannel(names.channel(this.#database, tab));
    const follower = new Follower(tab, channel, this.#lead.promise);
    this.#followers.set(tab, follower);
    this.#watch(tab);
    return follower;
  }

  /** Forgets a tab when it has gone: what it waits for, and what is kept for it. */
  #watch(tab: string): void {
    if (this.#watched.has(tab)) return;
    this.#watched.add(tab);
    const { signal } = this.#stopping;
    void untilFree(names.presence(this.#database, tab), signal).then(async () => {
      if (signal.aborted) return;
      this.#followers.get(tab)?.end();
      this.#followers.delete(tab);
      this.#watched.delete(tab);
      (await this.#lead.promise).answers.forget(tab);
    });
  }

  #say(message: LobbyMessage): void {
    this.#lobby.postMessage(message);
  }
}
