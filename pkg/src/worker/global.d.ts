/** Wrangler, workerd and esbuild's `external` all give a module for an import of a `.wasm` file. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** The platform takes `undefined` too, as everywhere. */
declare function clearTimeout(timer: ReturnType<typeof setTimeout> | undefined): void;
declare function clearInterval(timer: ReturnType<typeof setInterval> | undefined): void;

/** What the package does elsewhere; a Worker is given its module compiled. */
declare namespace WebAssembly {
  function compile(bytes: BufferSource): Promise<Module>;
  function compileStreaming(source: Response): Promise<Module>;
}
