/** A connection of node-redis' kind, and its life: opened, ready, closed. Views of a client share it. */

import type { EventEmitter } from "node:events";
import type { Argv, ReadReply } from "../../resp.ts";
import type { Transport, Wait } from "../../transport.ts";
import { type Link, openLink } from "../link.ts";
import { prefixKeys } from "../prefix.ts";
import type { Subscriptions } from "../subscriptions.ts";
import {
  ClientClosedError,
  ClientOfflineError,
  DisconnectsClientError,
  WatchError,
} from "./errors.ts";
import { type Options, placeOf } from "./options.ts";

/** What EXEC answers when a watched key was changed. */
const UNDONE = Symbol();

/** The connection of a client. */
export class Core implements Transport {
  readonly options: Options;
  readonly #events: EventEmitter;
  readonly #subscriptions: Subscriptions;
  #link: Link | undefined;
  #isOpen = false;
  /** What was sent before there was a connection. */
  #offline: { send: (link: Link) => void; reject: (reason: unknown) => void }[] = [];
  /** Commands that are not answered. */
  readonly #pending = new Set<Promise<unknown>>();
  /** Counts connections: what an older one tells is of no interest. */
  #epoch = 0;

  constructor(options: Options, events: EventEmitter, subscriptions: Subscriptions) {
    this.options = options;
    this.#events = events;
    this.#subscriptions = subscriptions;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isReady(): boolean {
    return this.#link !== undefined;
  }

  async connect(): Promise<void> {
    if (this.#isOpen) throw new Error("Socket already opened");
    this.#isOpen = true;
    const epoch = ++this.#epoch;
    const { address, database } = placeOf(this.options);
    try {
      const link = await openLink({
        address,
        database,
        token: this.options.password,
        name: this.options.name,
        onPush: (push) => this.#subscriptions.take(push),
        onOver: (reason) => epoch === this.#epoch && this.#lose(reason),
      });
      if (epoch !== this.#epoch) {
        link.end(new DisconnectsClientError());
        throw new DisconnectsClientError();
      }
      this.#link = link;
      this.#events.emit("connect");
      this.#events.emit("ready");
      for (const { send } of this.#offline.splice(0)) send(link);
    } catch (error) {
      if (epoch === this.#epoch) this.#lose(error);
      throw error;
    }
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    const { keyPrefix = "" } = this.options;
    return this.over((link) => link.send(prefixKeys(argv, keyPrefix), read, wait));
  }

  async transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    const { keyPrefix = "" } = this.options;
    const argvs = commands.map((argv) => prefixKeys(argv, keyPrefix));
    const reply = await this.over((link) =>
      link.transact<T | typeof UNDONE>(argvs, (reader) =>
        reader.takeNull() ? UNDONE : read(reader),
      ),
    );
    if (reply === UNDONE) throw new WatchError();
    return reply;
  }

  /** Does something over the connection, once there is one. */
  over<T>(send: (link: Link) => Promise<T>): Promise<T> {
    if (!this.#isOpen) return Promise.reject(new ClientClosedError());
    if (this.#link !== undefined) return this.#track(send(this.#link));
    if (this.options.disableOfflineQueue) return Promise.reject(new ClientOfflineError());
    return this.#track(
      new Promise<T>((resolve, reject) => {
        this.#offline.push({ send: (link) => resolve(send(link)), reject });
      }),
    );
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    const done = (): void => {
      this.#pending.delete(settled);
    };
    const settled: Promise<void> = promise.then(done, done);
    this.#pending.add(settled);
    return promise;
  }

  /** Takes no more commands; ends when those before are answered. */
  async close(): Promise<void> {
    if (!this.#isOpen) throw new ClientClosedError();
    this.#isOpen = false;
    await Promise.all(this.#pending);
    this.#end(new DisconnectsClientError());
  }

  /** Ends at once: what is not answered is rejected. */
  destroy(): void {
    if (!this.#isOpen) throw new ClientClosedError();
    this.#end(new DisconnectsClientError());
  }

  #lose(reason: unknown): void {
    this.#end(reason);
    if (this.#events.listenerCount("error") > 0) this.#events.emit("error", reason);
  }

  #end(reason: unknown): void {
    this.#epoch++;
    const link = this.#link;
    this.#link = undefined;
    this.#isOpen = false;
    link?.end(reason);
    for (const { reject } of this.#offline.splice(0)) reject(reason);
    this.#subscriptions.end(reason);
    this.#events.emit("end");
  }
}
