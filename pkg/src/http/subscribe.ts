/**
 * `/subscribe/channel/…` and `/psubscribe/pattern/…`: messages as Upstash sends them.
 *
 * Each is an event whose data are its parts with commas between: `subscribe,news,1`,
 * `message,news,hello`, `pmessage,ne*,news,hello`. Nothing is kept for who is not there; and who
 * leaves more than `limits.unreadBytes` unread is cut off.
 */

import * as limits from "../limits.ts";
import { type ReplyReader, readText } from "../resp.ts";
import type { Call } from "./call.ts";
import { Conversation } from "./conversation.ts";
import { Failure, replyFailure } from "./failure.ts";
import { event, eventBytes, eventStream, HEARTBEAT } from "./sse.ts";

/** The route of `/subscribe`, or of `/psubscribe`. */
export const subscribe = (call: Call) => listen(call, "SUBSCRIBE");
export const psubscribe = (call: Call) => listen(call, "PSUBSCRIBE");

async function listen(call: Call, command: "SUBSCRIBE" | "PSUBSCRIBE"): Promise<Response> {
  if (call.parts.length === 0)
    throw new Failure(400, `ERR name a channel: /${command.toLowerCase()}/<channel>`);
  const messages = new Messages(call, [command, ...call.parts]);
  await messages.begun;
  return eventStream(messages.body);
}

/** Messages on their way from a session to a reader. */
class Messages {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves when the first subscription stands; rejects when it is refused. */
  readonly begun: Promise<void>;
  readonly #conversation: Conversation;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor({ backend, access }: Call, argv: readonly string[]) {
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.#leave(),
      },
      { highWaterMark: limits.unreadBytes, size: (bytes) => bytes.byteLength },
    );
    const begun = Promise.withResolvers<void>();
    this.begun = begun.promise;
    this.#conversation = new Conversation(backend, access, {
      onPush: (push) => {
        begun.resolve();
        this.#tell(event({ data: textOf(push) }));
      },
      onEnd: (reason) => {
        begun.reject(new Failure(503, reason ?? "TRYAGAIN the session has ended"));
        this.#end();
      },
    });
    this.#heartbeat = setInterval(() => this.#tell(HEARTBEAT), limits.heartbeatMs);
    // What subscribes is answered by pushes; only an error is a reply.
    this.#conversation.ask(argv).then(
      (reply) => {
        begun.reject(replyFailure(reply.isError() ? reply.error().message : "ERR not subscribed"));
        this.#leave();
      },
      () => {},
    );
  }

  #tell(text: string): void {
    this.#controller.enqueue(eventBytes(text));
    if ((this.#controller.desiredSize ?? 0) < 0) this.#end();
  }

  #end(): void {
    this.#leave();
    this.#controller.close();
  }

  #leave(): void {
    clearInterval(this.#heartbeat);
    this.#conversation.close();
  }
}

function textOf(push: ReplyReader): string {
  const parts: string[] = [];
  for (let left = push.items(); left > 0; left--) parts.push(String(push.value(readText)));
  return parts.join(",");
}
