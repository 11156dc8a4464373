/** What a request is answered when nothing can be run for it. */

import * as limits from "../limits.ts";

/** The request is refused. The message is what its `{"error": …}` says. */
export class Failure extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The failure of a request whose replies are too much for it. */
export function repliesTooLong(): Failure {
  const text = `ERR the replies are longer than ${limits.httpReplyBytes} bytes: ask for fewer at once`;
  return new Failure(400, text);
}

/** The failure that an error reply is, where nothing but the reply was asked for. */
export function replyFailure(error: string): Failure {
  if (error.startsWith("TRYAGAIN ")) return new Failure(503, error, { "retry-after": "1" });
  return new Failure(error.startsWith("NOPERM ") ? 403 : 400, error);
}
