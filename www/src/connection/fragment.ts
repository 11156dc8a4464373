/**
 * What the address of the page says of the back end: `npm start` and `eddyline console` print one
 * that ends in `#token=…`, with `server=…` when that is another than the page's. A fragment stays
 * in the browser, and it is taken out of the address at once, so that it is in no history and no
 * copied link.
 */

import { readAddress } from "./address.ts";

/** What there was in the fragment. */
export interface Invitation {
  readonly address: string;
  readonly token: string;
}

/** Takes the invitation out of the page's address, if there is one. */
export function takeInvitation(): Invitation | null {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { address: readAddress(given.get("server") ?? location.origin), token };
}
