/**
 * What is kept between two looks at the console: addresses, and tokens only as long as the user
 * says. A token lies in the tab's own storage, which ends with the tab, unless it is to be
 * remembered. A console inside of somebody else's page keeps nothing there.
 */

const PREFIX = "eddyline";
const PRESENT = `${PREFIX}.address`;
const RECENT = `${PREFIX}.recent`;
/** Addresses that are offered again. */
const MOST_RECENT = 6;

/** Where texts are kept: a browser's storage, or a stand-in for it. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** A shelf that ends with the console. */
export class MemoryShelf implements Shelf {
  readonly #items = new Map<string, string>();

  getItem(name: string): string | null {
    return this.#items.get(name) ?? null;
  }

  setItem(name: string, text: string): void {
    this.#items.set(name, text);
  }

  removeItem(name: string): void {
    this.#items.delete(name);
  }
}

/** Addresses and tokens. */
export class Keeping {
  /** Ends with the tab. */
  readonly #tab: Shelf;
  /** Stays in the browser. */
  readonly lasting: Shelf;

  constructor(tab: Shelf, lasting: Shelf) {
    this.#tab = tab;
    this.lasting = lasting;
  }

  /** Whether anything outlives the console. */
  get remembers(): boolean {
    return !(this.lasting instanceof MemoryShelf);
  }

  /** The address that the tab had open, to be opened again when the page is loaded anew. */
  presentAddress(): string | null {
    return this.#tab.getItem(PRESENT);
  }

  /** Takes note of the address that the tab has open; `null` for none. */
  keepPresentAddress(address: string | null): void {
    if (address === null) this.#tab.removeItem(PRESENT);
    else this.#tab.setItem(PRESENT, address);
  }

  /** The addresses that were open of late, the last one first. */
  recentAddresses(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(this.lasting.getItem(RECENT) ?? "[]");
      return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
    } catch {
      // Somebody else wrote under our name: begin anew.
      return [];
    }
  }

  /** Puts an address first among the recent ones. */
  keepRecent(address: string): void {
    const others = this.recentAddresses().filter((one) => one !== address);
    this.lasting.setItem(RECENT, JSON.stringify([address, ...others].slice(0, MOST_RECENT)));
  }

  /** The token for an address, of this tab or remembered. */
  tokenFor(address: string): string | null {
    return this.#tab.getItem(itemOf(address)) ?? this.lasting.getItem(itemOf(address));
  }

  /** Keeps the token of an address: for this tab, or for good. */
  keepToken(address: string, token: string, remember: boolean): void {
    this.forgetToken(address);
    (remember ? this.lasting : this.#tab).setItem(itemOf(address), token);
  }

  /** Forgets the token of an address, wherever it is kept. */
  forgetToken(address: string): void {
    this.#tab.removeItem(itemOf(address));
    this.lasting.removeItem(itemOf(address));
  }
}

function itemOf(address: string): string {
  return `${PREFIX}.token ${address}`;
}
