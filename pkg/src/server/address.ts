/** Addresses: how they are written, and which of them only this machine can reach. */

import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** `127.0.0.1:6379`, `[::1]:6379`. */
export function endpoint(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether every address of this host is one that no other machine can reach. */
export async function isLoopback(host: string): Promise<boolean> {
  const addresses = await lookup(host, { all: true });
  return addresses.every(({ address, family }) =>
    loopback.check(address, family === 6 ? "ipv6" : "ipv4"),
  );
}
