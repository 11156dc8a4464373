/**
 * The package with its module as text: for bundlers that leave a `.wasm` file behind, for one file
 * that holds everything, and where nothing can be fetched. A third more to download.
 *
 * @example
 * ```ts
 * import { Eddyline } from "eddyline/base64";
 *
 * await using db = await Eddyline.open("memory://");
 * ```
 */

import { base64 } from "../../wasm/generated-base64/module.js";
import { provideWeb } from "./web.ts";

/** The module's bytes. */
async function inflate(): Promise<ArrayBuffer> {
  const deflated = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).arrayBuffer();
}

provideWeb({ wasm: inflate });

export * from "../index.ts";
