/**
 * `<eddyline-console url token>`: the console inside of somebody else's page. Its styles are its own
 * (a shadow tree with an adopted style sheet, which a strict Content-Security-Policy allows), and it
 * keeps nothing in that page's storage. The engine is loaded for `memory://` and `idb://` only.
 */

import { render } from "preact";
import type { EddylineConsole as Declared } from "../element/console.d.ts";
import { innerRouter } from "./base/router.ts";
import { readAddress } from "./connection/address.ts";
import { Keeping, MemoryShelf } from "./connection/keeping.ts";
import { type Console, ConsoleProvider, createConsole } from "./console.ts";
import base from "./style/base.css?inline";
import commands from "./style/commands.css?inline";
import controls from "./style/controls.css?inline";
import element from "./style/element.css?inline";
import groups from "./style/groups.css?inline";
import shell from "./style/shell.css?inline";
import stream from "./style/stream.css?inline";
import table from "./style/table.css?inline";
import { Shell } from "./views/shell.tsx";

const STYLES = [base, controls, shell, table, stream, groups, commands, element];

/** One sheet for all consoles of a page. */
let sheet: CSSStyleSheet | null = null;

function sharedSheet(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES.join("\n"));
  }
  return sheet;
}

// Where there is no DOM, as when a page is rendered on a server, there is nothing to define.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** The element. */
export class EddylineConsole extends Base implements Declared {
  static readonly observedAttributes: readonly string[] = ["url", "token"];

  #console: Console | null = null;
  #token: string | null = null;
  /** A change of both attributes opens once. */
  #isDue = false;

  get url(): string | null {
    return this.getAttribute("url");
  }

  set url(url: string | null) {
    if (url === null) this.removeAttribute("url");
    else this.setAttribute("url", url);
  }

  get token(): string | null {
    return this.#token ?? this.getAttribute("token");
  }

  set token(token: string | null) {
    this.#token = token;
    this.#openSoon();
  }

  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sharedSheet()];
    const keeping = new Keeping(new MemoryShelf(), new MemoryShelf());
    this.#console = createConsole({
      router: innerRouter(),
      tour: null,
      isPage: false,
      keeping,
    });
    render(
      <ConsoleProvider value={this.#console}>
        <Shell />
      </ConsoleProvider>,
      root,
    );
    this.#openSoon();
  }

  disconnectedCallback(): void {
    this.#console?.connection.close();
    this.#console = null;
    if (this.shadowRoot !== null) render(null, this.shadowRoot);
  }

  attributeChangedCallback(): void {
    this.#openSoon();
  }

  #openSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#open();
    });
  }

  #open(): void {
    const connection = this.#console?.connection;
    const { url, token } = this;
    if (connection === undefined || url === null) return;
    const given = token === null ? undefined : { token, remember: false };
    void connection.open(readAddress(new URL(url, document.baseURI).href), given);
  }
}

if (globalThis.customElements?.get("eddyline-console") === undefined)
  globalThis.customElements?.define("eddyline-console", EddylineConsole);
