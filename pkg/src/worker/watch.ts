/** WATCH: keys that a session's next transaction depends on. */

import type { SocketLink } from "./link.ts";

/**
 * The object of the keys remembers them for the session at its socket, and does not sleep
 * meanwhile. When the socket is lost so are they: then the transaction does not run, as if they had
 * changed.
 */
export class Watch {
  /** Their object's. */
  readonly name: string;
  readonly link: SocketLink;

  constructor(name: string, link: SocketLink) {
    this.name = name;
    this.link = link;
  }

  /** Whether they may have changed without anybody's having seen it. */
  get isLost(): boolean {
    return !this.link.isOpen;
  }
}
