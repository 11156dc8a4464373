/** Connections to a Worker, as the load comes over them. */

import { Pool } from "undici";
import { TOKEN, type Workerd } from "../tests/workerd/workerd.ts";

/** How many there are. */
export const CONNECTIONS = 32;

/** Sends commands as JSON; what they are answered. */
export type Post = (path: string, body: unknown) => Promise<unknown>;

/** Connections to a Worker that stay open. */
export interface Door extends AsyncDisposable {
  readonly pool: Pool;
  readonly post: Post;
}

/** Opens connections, one request at a time on each. */
export function openDoor(server: Workerd): Door {
  const options = { connections: CONNECTIONS, pipelining: 1 };
  const pool = new Pool(new URL(server.address).origin, options);
  const headers = { authorization: `Bearer ${TOKEN}` };
  return {
    pool,
    post: async (path, body) => {
      const request = { path, method: "POST", headers, body: JSON.stringify(body) } as const;
      const { statusCode, body: reply } = await pool.request(request);
      const answer = (await reply.json()) as { result: unknown };
      if (statusCode !== 200) throw new Error(`${statusCode}: ${JSON.stringify(answer)}`);
      return Array.isArray(answer) ? answer : answer.result;
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
