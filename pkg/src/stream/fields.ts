/** Codecs that leave fields as they are. */

import type { Argument } from "../resp.ts";
import type { BytesCodec, TextCodec } from "./codec.ts";

/** Field names and values as they are, values as text. */
export const textFields: TextCodec<Readonly<Record<string, Argument>>, Record<string, string>> = {
  encode: (fields) => fields,
  decode: (fields) => fields,
};

/** Field names and values as they are, values as bytes. */
export const byteFields: BytesCodec<
  Readonly<Record<string, Argument>>,
  Record<string, Uint8Array>
> = {
  values: "bytes",
  encode: (fields) => fields,
  decode: (fields) => fields,
};
