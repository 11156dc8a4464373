/** Conversations over node-redis: they get their connections here, which end with them. */

import { createClient } from "redis";
import type { Talk, Tell } from "./conversation.ts";
import { DROP_INS, type Server } from "./servers.ts";

/** Options that conversations set; the types are those of RESP3, which is the default. */
export interface Options {
  RESP?: 3;
  database?: number;
  disableOfflineQueue?: boolean;
  keyPrefix?: string;
  name?: string;
  password?: string;
  username?: string;
}
export type Client = ReturnType<typeof open>;

/** What a conversation has at hand. */
export interface Party {
  client: Client;
  tell: Tell;
  server: Server;
  /** One more connection. */
  another(more?: Options): Promise<Client>;
}

/** What stands in for it, without a server. */
async function dropIn(): Promise<typeof createClient> {
  return (await import("eddyline/redis")).createClient;
}

function open(create: typeof createClient, url: string, options: Options) {
  const socket = { reconnectStrategy: 50, connectTimeout: 5000 };
  // Each failed attempt to connect is an event; without a listener it is thrown.
  return create({ url, socket, ...options }).on("error", () => {});
}

export function over(options: Options, talk: (party: Party) => Promise<void>): Talk {
  return async (server, tell) => {
    const all: Client[] = [];
    const create = server.name === DROP_INS ? await dropIn() : createClient;
    const another = async (more: Options = {}): Promise<Client> => {
      const client = open(create, server.url, { ...options, ...more });
      all.push(client);
      return await client.connect();
    };
    try {
      await talk({ client: await another(), tell, server, another });
    } finally {
      for (const client of all) if (client.isOpen) client.destroy();
    }
  };
}
