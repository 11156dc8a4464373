/** Wrangler, workerd and esbuild's `external` all give a module for an import of a `.wasm` file. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
