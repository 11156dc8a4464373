/**
 * Bringing a stream's values to another one, in order and each of them once: an outbox.
 *
 * The stream is its own queue: what is at its head is appended there, and then deleted here. An
 * answer that is lost leaves the same entries at the head, and they are appended again under the
 * same idempotent IDs: this stream's producer ID, which is kept beside it, and the entry's own. So
 * nothing is lost or there twice, whoever crashes when, and however many deliver at once.
 */

import * as limits from "../limits.ts";
import { readInteger, readText, readTextOrNull } from "../resp.ts";
import type { Appender } from "./append.ts";
import { besideKey, type Link } from "./link.ts";
import { isPassing, pause } from "./persist.ts";

/** Options of {@link Stream.deliver}. */
export interface DeliverOptions {
  /** Ends it. Without it, it goes on until the database is closed. */
  readonly signal?: AbortSignal | undefined;
  /** Hears why a delivery is tried again later, as while the network is down. */
  readonly onRetry?: ((error: unknown) => void) | undefined;
}

/** Delivers until the signal says enough. See {@link Stream.deliver}. */
export async function deliver<T>(
  from: Link<never, T>,
  to: Appender<T>,
  { signal = new AbortController().signal, onRetry }: DeliverOptions,
): Promise<void> {
  let pauseMs: number = limits.attemptMs;
  while (!signal.aborted) {
    try {
      await deliverHead(from, to, signal);
      pauseMs = limits.attemptMs;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      onRetry?.(error);
      await pauseOrOnline(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, limits.attemptMaxMs);
    }
  }
}

/** Delivers what is at the head, and waits for it if there is nothing. */
async function deliverHead<T>(
  from: Link<never, T>,
  to: Appender<T>,
  signal: AbortSignal,
): Promise<void> {
  const { key } = from;
  const bounds = ["COUNT", String(limits.deliverEntries), "MAXSIZE", String(limits.pageBytes)];
  const read = ["XREAD", ...bounds, "BLOCK", "0", "STREAMS", key, "0-0"];
  const rows = await from.send(read, from.readRead, { signal });
  if (rows.length === 0) return;
  const values = await Promise.all(rows.map((row) => from.valueOf(row)));
  const producer = await producerOf(from);
  const ids = rows.map(({ id }) => id);
  await to.appendAs(values, (at) => [producer, ids[at] as string], signal);
  await from.send(["XDEL", key, ...ids], readInteger);
}

/** The stream's producer ID: made once, so it is the same after a crash and in other tabs. */
async function producerOf(from: Link<never, unknown>): Promise<string> {
  const key = besideKey(from.key, "producer");
  const made = from.send(["SET", key, crypto.randomUUID(), "NX"], readTextOrNull);
  const kept = from.send(["GET", key], readText);
  await made;
  return await kept;
}

/** Waits for the time to try again, or for the network to be back, where the platform says so. */
async function pauseOrOnline(ms: number, signal: AbortSignal): Promise<void> {
  const online = new AbortController();
  const goOn = () => online.abort();
  // A Worker has no such event, and its types say so.
  const page = globalThis as unknown as Partial<EventTarget>;
  page.addEventListener?.("online", goOn);
  await pause(ms, AbortSignal.any([signal, online.signal]));
  page.removeEventListener?.("online", goOn);
}
