/** Keyspaces over the network: what `Eddyline.open` loads for an address of one. */

import { lineAddress } from "./line.ts";
import { type RemoteOptions, RemoteTransport } from "./remote.ts";
import { RemoteMoving } from "./remote-moving.ts";
import { SocketTransport } from "./sockets.ts";
import type { ConnectingTransport, MovingTransport, Transport } from "./transport.ts";

/** A keyspace behind a network. */
export interface RemoteKeyspace extends Transport, MovingTransport, ConnectingTransport {}

/** The keyspace at `http(s)://…`, or over a WebSocket at `ws(s)://…`. */
export function openRemote(address: URL, options: RemoteOptions): RemoteKeyspace {
  const { token } = options;
  const line = { address: lineAddress(address), token };
  const isHttp = address.protocol.startsWith("http");
  const transport = isHttp ? RemoteTransport.to(address, options) : new SocketTransport(line);
  // What is moved goes over HTTP, which has backpressure.
  const moving = new RemoteMoving(new URL(address.href.replace(/^ws/, "http")), options);
  return {
    send: (argv, read, wait) => transport.send(argv, read, wait),
    transact: (commands, read) => transport.transact(commands, read),
    close: () => transport.close(),
    export: (keys, exportOptions) => moving.export(keys, exportOptions),
    import: (source, importOptions) => moving.import(source, importOptions),
    async connect(events) {
      const { SocketConnection } = await import("./connection.ts");
      return await SocketConnection.open(line, events);
    },
  };
}
