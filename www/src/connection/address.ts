/** Where streams live, as one text: `memory://`, `idb://name`, `ws(s)://host`. */

/** The engine of this tab, gone with the page. */
export const MEMORY = "memory://";

/** What kind of back end an address names. */
export type Kind = "memory" | "browser" | "server";

/** The kind of an address that {@link readAddress} made. */
export function kindOf(address: string): Kind {
  if (address.startsWith("memory:")) return "memory";
  return address.startsWith("idb:") ? "browser" : "server";
}

/** Whether the engine runs in this tab. */
export function isInTab(address: string): boolean {
  return kindOf(address) !== "server";
}

/**
 * An address as a person writes it, in the form that is opened: a server's is that of its
 * WebSocket, as calls over one socket cost less than a request each.
 *
 * @throws TypeError that says what is wrong with it
 */
export function readAddress(text: string): string {
  const trimmed = text.trim();
  if (/^memory:/i.test(trimmed)) return MEMORY;
  const name = /^idb:(?:\/\/)?(.*)$/i.exec(trimmed)?.[1];
  if (name !== undefined) {
    if (name === "") throw new TypeError("a database in this browser needs a name: idb://name");
    return `idb://${name}`;
  }
  return serverAddress(trimmed);
}

function serverAddress(text: string): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || !/^(?:https?|wss?):$/.test(url.protocol))
    throw new TypeError("an address is https://host, wss://host, memory:// or idb://name");
  const scheme = /^(?:https|wss):$/.test(url.protocol) ? "wss:" : "ws:";
  return `${scheme}//${url.host}${url.pathname.replace(/\/$/, "")}`;
}

/** The address of a server over HTTP. */
export function overHttp(address: string): string {
  return address.replace(/^ws/, "http");
}

/** An address as it is shown: the shortest text that tells it from others. */
export function shortName(address: string): string {
  switch (kindOf(address)) {
    case "memory":
      return "this tab";
    case "browser":
      return decodeURIComponent(address.slice("idb://".length));
    case "server":
      return address.replace(/^wss?:\/\//, "");
  }
}
