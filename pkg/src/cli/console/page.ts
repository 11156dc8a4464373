/**
 * The page's files, as the package has them, with the headers that the file `_headers` among them
 * says: the same that the Worker sends.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { UnsupportedError } from "../../errors.ts";
import type { Page } from "../../server/web.ts";

/** Where the build puts it. */
const FOLDER = fileURLToPath(new URL("../../../console/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Where the page may connect to besides its own server: a part of its Content-Security-Policy. */
const OWN_SERVER = "connect-src 'self'";

/** A rule of `_headers`: the headers of the paths that begin so, or of one path. */
interface Rule {
  readonly path: string;
  readonly headers: [name: string, value: string][];
}

/**
 * Serves the page.
 *
 * @param server another server that it may connect to
 * @throws UnsupportedError when this package was built without it
 */
export function openPage(server: URL | undefined): Page {
  if (!existsSync(`${FOLDER}index.html`))
    throw new UnsupportedError("this package was built without the page (npm run build page)");
  const names = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
  const files = new Set(
    names.map((path) => path.replaceAll("\\", "/")).filter((path) => /\../.test(path)),
  );
  const rules = readRules(readFileSync(`${FOLDER}_headers`, "utf8"));
  const widen = (text: string) =>
    server === undefined ? text : text.replaceAll(OWN_SERVER, `${OWN_SERVER} ${origins(server)}`);
  return async ({ url, headers, method }) => {
    if (!isOwnName(headers.get("host"))) return new Response("no such host\n", { status: 421 });
    const path = decodeURI(new URL(url).pathname).slice(1) || "index.html";
    if (!files.has(path) || (method !== "GET" && method !== "HEAD")) return undefined;
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    const content: Buffer<ArrayBuffer> = await readFile(`${FOLDER}${path}`);
    const body = path === "index.html" ? widen(content.toString()) : content;
    const response = new Response(method === "HEAD" ? null : body, {
      headers: { "content-type": type, "cache-control": "no-cache" },
    });
    for (const [name, value] of headersOf(path, rules)) response.headers.set(name, widen(value));
    return response;
  };
}

/** A server by its address, for requests and for WebSockets. */
function origins({ protocol, host }: URL): string {
  const isSecure = protocol === "https:" || protocol === "wss:";
  return isSecure ? `https://${host} wss://${host}` : `http://${host} ws://${host}`;
}

/** Another name for this machine may be anybody's, whose page would be of the same origin as ours. */
function isOwnName(host: string | null): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? "");
}

function readRules(text: string): Rule[] {
  const rules: Rule[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("/")) rules.push({ path: line.trim(), headers: [] });
    const [, name, value] = /^\s+([\w-]+):\s*(.+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) rules.at(-1)?.headers.push([name, value.trim()]);
  }
  return rules;
}

function headersOf(path: string, rules: readonly Rule[]): [name: string, value: string][] {
  const fits = (rule: string) =>
    rule.endsWith("*") ? `/${path}`.startsWith(rule.slice(0, -1)) : rule === `/${path}`;
  return rules.filter((rule) => fits(rule.path)).flatMap(({ headers }) => headers);
}
