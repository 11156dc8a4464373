/**
 * The console as an element, `<eddyline-console url token>`. Importing `eddyline/console` defines it.
 *
 * @example
 * ```html
 * <script type="module">
 *   import "eddyline/console";
 * </script>
 * <eddyline-console url="https://streams.example.com"></eddyline-console>
 * ```
 */
export declare class EddylineConsole extends HTMLElement {
  /**
   * The attribute `url`: `https://…` or `wss://…` for a server, `memory://` or `idb://name` for an
   * engine in the page. Without it the console asks.
   */
  url: string | null;
  /**
   * The server's token: the attribute `token`, or this property, which no one who reads the page's
   * markup sees. Without it the console asks. It is kept as long as the element is in the page.
   */
  token: string | null;
}

declare global {
  interface HTMLElementTagNameMap {
    "eddyline-console": EddylineConsole;
  }
}
