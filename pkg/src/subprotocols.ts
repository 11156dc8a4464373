/**
 * The WebSocket protocols by which a client without headers, such as a browser, says its token: it
 * offers `eddyline` and `bearer.<token in base64url>`, and the first one is chosen.
 */

/** The protocol that a socket speaks, and how a browser says its token. */
export const PROTOCOL = "eddyline";
const BEARER = "bearer.";

/** The token among the offered protocols. */
export function protocolToken(request: Request): string | undefined {
  const protocol = offered(request).find((name) => name.startsWith(BEARER));
  if (protocol === undefined) return undefined;
  try {
    const text = protocol.slice(BEARER.length).replaceAll("-", "+").replaceAll("_", "/");
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** The protocols that a client without headers offers. */
export function offeredProtocols(token: string | undefined): string[] {
  if (token === undefined) return [PROTOCOL];
  const bytes = new TextEncoder().encode(token);
  const text = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  return [PROTOCOL, `${BEARER}${text.replaceAll("=", "")}`];
}

/** The protocols that a client offers. */
export function offered(request: Request): string[] {
  const header = request.headers.get("sec-websocket-protocol") ?? "";
  return header.split(",").map((name) => name.trim());
}
