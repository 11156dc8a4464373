/** Conversations over ioredis and iovalkey, its sister: they get their connections here, which end with them. */

import { Redis, type RedisOptions } from "ioredis";
import { Redis as Valkey } from "iovalkey";
import type { Talk, Tell } from "./conversation.ts";
import { DROP_INS, type Server } from "./servers.ts";

/** Options under which replies have the types that they have by default. */
export type Options = RedisOptions & { replyMapping?: "legacy" };

/** What a conversation has at hand. */
export interface Party {
  redis: Redis;
  tell: Tell;
  server: Server;
  /** One more connection. */
  another(more?: Options): Redis;
}

/** How a client is made. */
export type Make = (options: Options & { port: number }) => Redis;

const ioredis: Make = (options) => new Redis(options);
/** Its interface is that of ioredis 5. */
export const iovalkey: Make = (options) => new Valkey(options as object) as unknown as Redis;

/** What stands in for it, without a server. */
async function dropIn(): Promise<Make> {
  const { Redis: DropIn } = await import("eddyline/ioredis");
  return (options) => new DropIn(options);
}

/** The client of a conversation. */
export interface Way {
  options?: Options;
  make?: Make | undefined;
}

export function over(way: Way, talk: (party: Party) => Promise<void>): Talk {
  const { options } = way;
  return async (server, tell) => {
    const make = server.name === DROP_INS ? await dropIn() : (way.make ?? ioredis);
    const all: Redis[] = [];
    const another = (more: Options = {}) => {
      const redis = make({ port: server.port, ...options, ...more });
      // Each failed attempt to connect is an event; without a listener it is printed.
      redis.on("error", () => {});
      all.push(redis);
      return redis;
    };
    try {
      await talk({ redis: another(), tell, server, another });
    } finally {
      for (const redis of all) redis.disconnect();
    }
  };
}
