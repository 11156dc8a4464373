/** A `.wasm` import, as workerd gives it: a compiled module. */

declare module "*.wasm" {
  const module: WebAssembly.Module;
  // biome-ignore lint/style/noDefaultExport: this is the form in which workerd gives a module
  export default module;
}
