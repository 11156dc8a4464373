/** A connection that sends pipelines and counts the replies. */

import { CommandError, TransportError } from "../../errors.ts";
import { encodeRequests } from "../../framing.ts";
import type { Argv } from "../../resp.ts";
import { type Reply, ReplyStream } from "../repl/reply.ts";
import type { Place, Receiver, Wire } from "../wire/place.ts";

/** One of those who measure. */
export class BenchClient implements Receiver {
  readonly #replies = new ReplyStream();
  #wire: Wire | undefined;
  #take: (reply: Reply) => void = () => {};
  #lacking = 0;
  #done = Promise.withResolvers<void>();
  #failure: Error | undefined;

  /** @throws TransportError when nobody answers there, or lets us in */
  static async connect(place: Place): Promise<BenchClient> {
    const client = new BenchClient();
    client.#wire = await place.connect(client);
    const greetings: Argv[] = [];
    if (place.credentials.length > 0) greetings.push(["AUTH", ...place.credentials]);
    if (place.database !== 0) greetings.push(["SELECT", `${place.database}`]);
    await client.run(greetings);
    return client;
  }

  /**
   * Sends requests together, and resolves when all are answered.
   *
   * @param take is given each reply; without it they are only counted
   * @throws CommandError for the first reply that is an error
   */
  async run(requests: readonly Argv[], take?: (reply: Reply) => void): Promise<void> {
    if (requests.length === 0) return;
    if (this.#failure !== undefined) throw this.#failure;
    this.#lacking = requests.length;
    this.#done = Promise.withResolvers();
    this.#take = take ?? refuseError;
    void this.#wire?.send(encodeRequests(requests));
    await this.#done.promise;
  }

  close(): void {
    this.#wire?.close();
  }

  receive(bytes: Uint8Array): void {
    this.#replies.push(bytes);
    try {
      while (this.#lacking > 0) {
        const reply = this.#replies.next();
        if (reply === undefined) return;
        refuseError(reply);
        this.#take(reply);
        this.#lacking--;
      }
      this.#done.resolve();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  end(reason: string): void {
    this.#fail(new TransportError(reason));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#done.reject(this.#failure);
  }
}

function refuseError(reply: Reply): void {
  if (reply.type === "error") throw new CommandError(reply.text);
}
