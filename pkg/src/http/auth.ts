/** Who may come in: whoever bears the secret, or a token that was signed with it. */

import type { Access } from "./backend.ts";
import { Failure } from "./failure.ts";
import { READ_ONLY, readToken } from "./tokens.ts";

/** What lets people in. */
export interface Keys {
  /** The secret: who bears it may do everything, and it signs tokens that allow less. */
  token: string | undefined;
  /** Who bears this may read everything. */
  readOnlyToken?: string | undefined;
  /** How to set the secret here, for who meets a server without one. */
  howToSetToken?: string | undefined;
}

/** Who has the secret may do everything. */
const FULL: Access = { rules: [] };

const HOW_TO_SET = "set the secret EDDYLINE_TOKEN (npx wrangler secret put EDDYLINE_TOKEN)";

/**
 * What the bearer of this token may do.
 *
 * @throws Failure 401 when that is nothing
 */
export async function admit(borne: string | undefined, keys: Keys): Promise<Access> {
  const { token, readOnlyToken, howToSetToken = HOW_TO_SET } = keys;
  if (!token) {
    throw refused(`NOAUTH this server has no token yet and refuses everything: ${howToSetToken}`);
  }
  if (borne === undefined) throw refused("NOAUTH send the header `Authorization: Bearer <token>`");
  if (isEqual(borne, token)) return FULL;
  if (readOnlyToken && isEqual(borne, readOnlyToken)) return READ_ONLY;
  const access = await readToken(token, borne);
  if (access === undefined) throw refused("WRONGPASS the token is not valid");
  if ((access.expiresAtMs ?? Number.POSITIVE_INFINITY) <= Date.now())
    throw refused("WRONGPASS the token has expired");
  return access;
}

/** The token of the header `Authorization: Bearer …`. */
export function bearerOf(request: Request): string | undefined {
  return /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}

function refused(message: string): Failure {
  return new Failure(401, message, { "www-authenticate": "Bearer" });
}

/** Compares in a time that depends on what was given alone. */
function isEqual(given: string, secret: string): boolean {
  const [one, other] = [given, secret].map((text) => encoder.encode(text)) as [Bytes, Bytes];
  let difference = one.byteLength ^ other.byteLength;
  for (const [at, byte] of one.entries())
    difference |= byte ^ (other[at % other.byteLength] as number);
  return difference === 0;
}

type Bytes = Uint8Array<ArrayBuffer>;
const encoder = new TextEncoder();
