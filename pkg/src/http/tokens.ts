/**
 * Tokens that say themselves what they allow, signed with the secret.
 *
 * ```text
 * eddyline1.<payload>.<signature>     both in base64url
 * payload    JSON {"rules": [ACL rules], "expires": milliseconds since 1970, or left out}
 * signature  HMAC-SHA-256, keyed with the secret, of everything before its dot
 * ```
 * Nothing is kept of them: whoever changes the secret revokes them all.
 */

import * as limits from "../limits.ts";
import type { Access } from "./backend.ts";
import { COMMAND_NAMES } from "./command-names.ts";

/** What a token shall allow; without any of these as much as the secret itself, but for administration. */
export interface TokenOptions {
  /** Only what changes nothing. */
  readOnly?: boolean | undefined;
  /** Only keys and channels that begin with one of these. */
  prefixes?: readonly string[] | undefined;
  /** Only these commands (`xadd`, `xgroup|create`) and categories (`@read`). */
  commands?: readonly string[] | undefined;
  /** When it ends, in milliseconds since 1970; without it when the secret changes. */
  expiresAtMs?: number | undefined;
}

const VERSION = "eddyline1";
const encoder = new TextEncoder();

/** Commands that change no key and are in no category of readers. */
const LISTENING = ["+subscribe", "+psubscribe", "+unsubscribe", "+punsubscribe", "+info"];

/**
 * Makes a token.
 *
 * @example
 * ```ts
 * const token = await createToken(secret, { prefixes: ["orders:"], readOnly: true });
 * ```
 * @throws TypeError without a secret, and for a command or category that there is not
 */
export async function createToken(secret: string, options: TokenOptions = {}): Promise<string> {
  if (secret === "") throw new TypeError("a token is signed with a secret, and this one is empty");
  const unknown = options.commands?.find((name) => !COMMAND_NAMES.has(name.toLowerCase()));
  if (unknown !== undefined) throw new TypeError(`there is no command or category "${unknown}"`);
  const payload = JSON.stringify({ rules: rulesOf(options), expires: options.expiresAtMs });
  const signed = `${VERSION}.${toBase64Url(encoder.encode(payload))}`;
  const key = await keyOf(secret);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}

/** What a token allows; `undefined` when it is none that was signed with this secret. */
export async function readToken(secret: string, token: string): Promise<Access | undefined> {
  const [version, payload, signature, ...rest] = token.split(".");
  if (version !== VERSION || payload === undefined || signature === undefined) return undefined;
  if (rest.length > 0 || token.length > limits.tokenBytes) return undefined;
  const given = fromBase64Url(signature);
  if (given === undefined) return undefined;
  const signed = encoder.encode(`${version}.${payload}`);
  // Its time tells nothing: that is WebCrypto's promise.
  if (!(await crypto.subtle.verify("HMAC", await keyOf(secret), given, signed))) return undefined;
  const { rules, expires } = JSON.parse(new TextDecoder().decode(fromBase64Url(payload))) as {
    rules: string[];
    expires?: number;
  };
  return { rules, expiresAtMs: expires };
}

/** What only reads, for a token that says no more than that. */
export const READ_ONLY: Access = { rules: rulesOf({ readOnly: true }) };

function rulesOf({ readOnly = false, prefixes, commands }: TokenOptions): string[] {
  const allowed =
    commands?.map((command) => `+${command}`) ??
    (readOnly ? ["+@read", ...LISTENING, "+@transaction"] : ["+@all"]);
  const forbidden = ["-@admin", ...(readOnly ? ["-@write", "-publish"] : [])];
  const patterns = prefixes?.map((prefix) => `${prefix.replaceAll(/[*?[\]\\^]/g, "\\$&")}*`) ?? [
    "*",
  ];
  const names = patterns.flatMap((pattern) => [`~${pattern}`, `&${pattern}`]);
  return [...allowed, "+@connection", ...forbidden, ...names];
}

/** The key of the secret that was used last: importing one costs as much as using it. */
let lastKey: { secret: string; key: Promise<CryptoKey> } | undefined;

function keyOf(secret: string): Promise<CryptoKey> {
  if (lastKey?.secret === secret) return lastKey.key;
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = crypto.subtle.importKey("raw", encoder.encode(secret), hmac, false, [
    "sign",
    "verify",
  ]);
  lastKey = { secret, key };
  return key;
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
