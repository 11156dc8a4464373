/** Keyspaces over the network: what `Eddyline.open` loads for an address of one. */

import { lineAddress } from "./line.ts";
import { type RemoteOptions, RemoteTransport } from "./remote.ts";
import { RemoteMoving } from "./remote-moving.ts";
import { SocketTransport } from "./sockets.ts";
import type { ConnectingTransport, MovingTransport, Transport } from "./transport.ts";

/** The ways to a keyspace at `http(s)://…`, or over a WebSocket at `ws(s)://…`. */
export function openRemote(
  address: URL,
  options: RemoteOptions,
): { transport: Transport; moving: MovingTransport; connecting: ConnectingTransport } {
  const { token } = options;
  const line = { address: lineAddress(address), token };
  const connecting: ConnectingTransport = {
    async connect(events) {
      const { SocketConnection } = await import("./connection.ts");
      return await SocketConnection.open(line, events);
    },
  };
  if (address.protocol.startsWith("http")) {
    const moving = new RemoteMoving(address, options);
    return { transport: RemoteTransport.to(address, options), moving, connecting };
  }
  const transport = new SocketTransport(line);
  // What is moved goes over HTTP, which has backpressure.
  const http = new URL(address.href.replace(/^ws/, "http"));
  return { transport, moving: new RemoteMoving(http, options), connecting };
}
