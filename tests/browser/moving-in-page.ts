/** Runs in the browser: streams that come and go. Bundled by `moving.test.ts`. */

import { Eddyline } from "../../pkg/src/entry/browser.ts";
import { fillStream, known } from "../moving-scenario.ts";

/** A stream as it left one place. */
export interface Moved {
  /** Its export, a byte a character. */
  readonly file: string;
  /** What was known of it there. */
  readonly info: string;
}

/** Makes a stream at an address, and exports it once that was closed and opened again. */
export async function make(where: string): Promise<Moved> {
  const isKept = !where.startsWith("memory:");
  let db = await Eddyline.open(where);
  await fillStream(db, "orders");
  if (isKept) {
    await db.close();
    db = await Eddyline.open(where);
  }
  try {
    const file = new Uint8Array(await new Response(db.export("orders")).arrayBuffer());
    return { file: textOf(file), info: await infoOf(db) };
  } finally {
    await db.close();
  }
}

/** Opens a stream that was made elsewhere; what is known of it here. */
export async function take(where: string, file: string): Promise<string> {
  const bytes = Uint8Array.from(file, (character) => character.charCodeAt(0));
  {
    await using db = await Eddyline.open(where);
    await db.import(bytes, { as: "orders" });
    if (where.startsWith("memory:")) return await infoOf(db);
  }
  await using db = await Eddyline.open(where);
  return await infoOf(db);
}

/** Brings the stream at an address to the Worker at another. */
export async function send(where: string, to: string, token: string): Promise<void> {
  await using here = await Eddyline.open(where);
  await using there = await Eddyline.open(to, { token });
  await there.import(here.export("orders"), { as: "from a page" });
}

async function infoOf(db: Eddyline): Promise<string> {
  return JSON.stringify(await known(db, "orders"));
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
