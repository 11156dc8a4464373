/** Who may come in: whoever bears the token. */

/** What is wrong with a request's credentials; `undefined` when nothing is. */
export async function refusal(
  request: Request,
  token: string | undefined,
): Promise<string | undefined> {
  if (!token) {
    return "NOAUTH this server has no token yet and refuses everything: set the secret EDDYLINE_TOKEN (npx wrangler secret put EDDYLINE_TOKEN)";
  }
  const borne = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (borne === undefined) return "NOAUTH send the header `Authorization: Bearer <token>`";
  return (await isEqual(borne, token)) ? undefined : "WRONGPASS the token is not valid";
}

/** Compares in a time that tells nothing about where two texts differ, nor how long they are. */
async function isEqual(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map(digest));
  let difference = 0;
  for (const [at, byte] of one!.entries()) difference |= byte ^ other![at]!;
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
