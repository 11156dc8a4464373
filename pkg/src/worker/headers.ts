/** What a request of the front door says to an object, and what it is answered. */

/** What the session may do, as one RESP request in base64. */
export const RULES = "eddyline-rules";
/** Which version of RESP a socket's session speaks. */
export const PROTOCOL = "eddyline-protocol";
/** What a socket's session begins with, in base64: it saves the way back and forth of a handshake. */
export const REQUESTS = "eddyline-requests";
/** A socket's session listens to channels. */
export const LISTENS = "eddyline-listens";
/** In answers: which life of the object this is. One begins when the one before is over for good. */
export const LIFE = "eddyline-life";

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
