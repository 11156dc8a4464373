/** How large the wasm modules are. */

import { existsSync, readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const modules = {
  package: new URL("../pkg/wasm/generated/eddyline_bg.wasm", import.meta.url),
  "package, a browser's first part": new URL(
    "../pkg/wasm/generated/eddyline_core_bg.wasm",
    import.meta.url,
  ),
  "package, the rest": new URL("../pkg/wasm/generated/eddyline_rest_bg.wasm", import.meta.url),
  "package, inspection": new URL(
    "../pkg/wasm/generated/eddyline_inspection_bg.wasm",
    import.meta.url,
  ),
  "package, storage": new URL("../pkg/wasm/generated/eddyline_storage_bg.wasm", import.meta.url),
  "package, Node's": new URL("../pkg/wasm/generated-node/eddyline_bg.wasm", import.meta.url),
  Worker: new URL("../pkg/wasm/generated-worker/eddyline_worker_bg.wasm", import.meta.url),
};

/** Bytes by module; of one that was not built there is nothing. */
export function wasmSizes(): Record<string, { raw: number; gzip: number; brotli: number }> {
  const sizes: ReturnType<typeof wasmSizes> = {};
  for (const [name, url] of Object.entries(modules)) {
    if (!existsSync(url)) continue;
    const bytes = readFileSync(url);
    const gzip = gzipSync(bytes, { level: 9 }).length;
    sizes[name] = { raw: bytes.length, gzip, brotli: brotliCompressSync(bytes).length };
  }
  return sizes;
}
