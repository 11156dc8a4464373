/** A port of this machine that nobody listens on. */

import { once } from "node:events";
import { createServer } from "node:net";

/** For a program that has to be told its port before it starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a socket without a port");
  return address.port;
}
