/** A Worker, or `eddyline serve --http`, over its WebSocket. */

import { once } from "node:events";
import { TransportError } from "../../errors.ts";
import { lineAddress } from "../../line.ts";
import { openSocket, sendInPieces } from "../../web-socket.ts";
import type { Place, Receiver, Wire } from "./place.ts";

/** The place at `https://…` or `wss://…`. */
export function socketPlace(address: string, token: string | undefined): Place {
  const server = new URL(address);
  return {
    name: server.host,
    credentials: [],
    database: 0,
    connect: (receiver) => connect(server, token, receiver),
    close: async () => {},
  };
}

async function connect(server: URL, token: string | undefined, receiver: Receiver): Promise<Wire> {
  const address = lineAddress(server);
  const socket = openSocket({ address, token });
  const opened = await Promise.race([
    once(socket, "open").then(() => true),
    once(socket, "close").then(() => false),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  if (!opened) throw await whyNot(address, token);
  let isOver = false;
  socket.addEventListener("error", () => {});
  socket.addEventListener("message", ({ data }) => {
    if (!isOver) receiver.receive(new Uint8Array(data as ArrayBuffer));
  });
  socket.addEventListener("close", ({ reason }) => {
    if (!isOver) receiver.end(reason || "Server closed the connection");
  });
  return {
    send: (bytes) => sendInPieces(socket, new Uint8Array(bytes)),
    close: () => {
      isOver = true;
      socket.close();
    },
  };
}

/** A socket does not say why it was not opened; a command over HTTP is answered. */
async function whyNot(address: URL, token: string | undefined): Promise<TransportError> {
  const url = new URL("..", address.href.replace(/^ws/, "http"));
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(url, { method: "POST", headers, body: '["PING"]' });
    if (response.ok) return new TransportError(`${address.host} opened no WebSocket`);
    const text = await response.text();
    return new TransportError(`${address.host} answered ${response.status}: ${text.trim()}`);
  } catch (cause) {
    return new TransportError(`${address.host} cannot be reached`, undefined, { cause });
  }
}
