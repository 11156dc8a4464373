/** A server that speaks RESP over TCP: Redis, or `eddyline serve`. */

import { endpoint } from "../../server/address.ts";
import { openSocket, readAddress } from "../../transfer/endpoint.ts";
import type { Place } from "./place.ts";

/** The place at `redis://[user:password@]host[:port][/db]`, or `rediss://` over TLS. */
export function redisPlace(address: string): Place {
  const { host, port, credentials, database } = readAddress(address);
  return {
    name: endpoint(host, port),
    credentials,
    database: Number(database || "0"),
    connect: async (receiver) => {
      const socket = await openSocket(address);
      let reason = "Server closed the connection";
      socket.setNoDelay(true);
      socket.on("data", (bytes) => receiver.receive(bytes));
      socket.on("error", (error) => {
        reason = error.message;
      });
      socket.on("close", () => receiver.end(reason));
      return {
        send: (bytes) => {
          if (socket.write(bytes)) return undefined;
          return new Promise((resolve) => {
            socket.once("drain", resolve);
            socket.once("close", resolve);
          });
        },
        close: () => {
          receiver = { receive: () => {}, end: () => {} };
          socket.destroy();
        },
      };
    },
    close: async () => {},
  };
}
