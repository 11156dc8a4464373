/** WebSockets to a server: how they are opened, and how bytes go out on them. */

import * as limits from "./limits.ts";
import { offeredProtocols } from "./subprotocols.ts";

/** Makes a socket; by default the platform's. */
export type OpenSocket = (address: URL, protocols: string[]) => WebSocket;

/** Where a socket leads, and what opens it. */
export interface SocketOptions {
  /** The address of `/v1/connect`. */
  address: URL;
  token: string | undefined;
  open?: OpenSocket | undefined;
}

const openPlatforms: OpenSocket = (address, protocols) => new WebSocket(String(address), protocols);

/** A socket that is being opened, of which messages come as `ArrayBuffer`. */
export function openSocket({ address, token, open = openPlatforms }: SocketOptions): WebSocket {
  const socket = open(address, offeredProtocols(token));
  socket.binaryType = "arraybuffer";
  return socket;
}

/** Sends bytes in messages that are not too large for a server. */
export function sendInPieces(socket: WebSocket, bytes: Uint8Array<ArrayBuffer>): void {
  for (let at = 0; at < bytes.byteLength; at += limits.socketMessageBytes)
    socket.send(bytes.subarray(at, at + limits.socketMessageBytes));
}
