/**
 * What is kept between two looks at the console: addresses, and tokens only as long as the user
 * says. A token lies in the tab's own storage, which ends with the tab, unless it is to be
 * remembered.
 */

const PREFIX = "eddyline";
const PRESENT = `${PREFIX}.address`;
const RECENT = `${PREFIX}.recent`;
/** Addresses that are offered again. */
const MOST_RECENT = 6;

/** The address that the tab had open, to be opened again when the page is loaded anew. */
export function presentAddress(): string | null {
  return sessionStorage.getItem(PRESENT);
}

/** Takes note of the address that the tab has open; `null` for none. */
export function keepPresentAddress(address: string | null): void {
  if (address === null) sessionStorage.removeItem(PRESENT);
  else sessionStorage.setItem(PRESENT, address);
}

/** The addresses that were open of late, the last one first. */
export function recentAddresses(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    // Somebody else wrote under our name: begin anew.
    return [];
  }
}

/** Puts an address first among the recent ones. */
export function keepRecent(address: string): void {
  const others = recentAddresses().filter((one) => one !== address);
  localStorage.setItem(RECENT, JSON.stringify([address, ...others].slice(0, MOST_RECENT)));
}

/** The token for an address, of this tab or remembered. */
export function tokenFor(address: string): string | null {
  return sessionStorage.getItem(itemOf(address)) ?? localStorage.getItem(itemOf(address));
}

/** Whether the token of an address outlives the tab. */
export function isRemembered(address: string): boolean {
  return localStorage.getItem(itemOf(address)) !== null;
}

/** Keeps the token of an address: for this tab, or for good. */
export function keepToken(address: string, token: string, remember: boolean): void {
  forgetToken(address);
  (remember ? localStorage : sessionStorage).setItem(itemOf(address), token);
}

/** Forgets the token of an address, wherever it is kept. */
export function forgetToken(address: string): void {
  sessionStorage.removeItem(itemOf(address));
  localStorage.removeItem(itemOf(address));
}

function itemOf(address: string): string {
  return `${PREFIX}.token ${address}`;
}
