// `npm run build`: both wasm modules, the npm package's JavaScript, the page. What is up to date is
// left alone: cargo and xtask see to it for the wasm, fingerprints of the inputs for the rest.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { whenChanged } from "./fingerprint.mjs";
import { inRoot } from "./root.mjs";
import { StepFailed, step } from "./step.mjs";
import { installToolchain } from "./toolchain.mjs";

/** @typedef {"wasm" | "wasmAsText" | "wasmForNode" | "worker" | "workerTest" | "package" | "page"} Product */

/** @type {Record<Product, { needs: Product[], build: () => Promise<unknown> }>} */
const products = {
  wasm: {
    needs: [],
    build: () => step("build the engine's wasm", "cargo", ["xtask", "build", "wasm"]),
  },
  wasmForNode: {
    needs: [],
    build: () => step("build the engine's wasm for Node", "cargo", ["xtask", "build", "node"]),
  },
  wasmAsText: { needs: ["wasm"], build: writeWasmAsText },
  worker: {
    needs: [],
    build: () => step("build the Worker's wasm", "cargo", ["xtask", "build", "worker"]),
  },
  workerTest: {
    needs: [],
    build: () =>
      step("build the Worker's wasm that can be made to trap", "cargo", [
        ...["xtask", "build", "worker"],
        ...["--features", "test-trap", "--out", "pkg/wasm/generated-worker-test"],
      ]),
  },
  package: { needs: ["wasm", "wasmAsText", "wasmForNode"], build: buildPackage },
  page: { needs: ["package"], build: buildPage },
};

/** @type {Product[]} */
const SHIPPED = ["package", "page", "worker"];

const WASM_FILES = [
  "pkg/wasm/generated/eddyline_bg.wasm",
  "pkg/wasm/generated/eddyline_core_bg.wasm",
  "pkg/wasm/generated/eddyline_inspection_bg.wasm",
  "pkg/wasm/generated/eddyline_rest_bg.wasm",
  "pkg/wasm/generated/eddyline_storage_bg.wasm",
  "pkg/wasm/generated/eddyline_inspection_bg.wasm",
  "pkg/wasm/generated-node/eddyline_bg.wasm",
  "pkg/wasm/generated-worker/eddyline_worker_bg.wasm",
];

/** @param {string[]} args names of products; none for what is shipped */
export async function run(args) {
  const wanted = args.length > 0 ? args.map(productNamed) : SHIPPED;
  await installToolchain();
  await build(wanted);
  printWasmSizes();
  return 0;
}

/** @param {string} name */
function productNamed(name) {
  if (name in products) return /** @type {Product} */ (name);
  throw new StepFailed(`no such product; there are: ${Object.keys(products).join(", ")}`);
}

/**
 * Builds under way or done in this process.
 * @type {Map<Product, Promise<unknown>>}
 */
const begun = new Map();

/**
 * Brings products up to date, one after the other, each after what it needs.
 * @param {Product[]} wanted
 */
export async function build(wanted) {
  for (const product of wanted) {
    await build(products[product].needs);
    if (!begun.has(product)) begun.set(product, products[product].build());
    await begun.get(product);
  }
}

/** The wasm as a JavaScript module. Compressed: what has become text compresses badly. */
function writeWasmAsText() {
  const output = "pkg/wasm/generated-base64";
  const [wasm = ""] = WASM_FILES;
  return whenChanged({ name: "wasm-as-text", inputs: [wasm], output }, async () => {
    const base64 = gzipSync(readFileSync(inRoot(wasm)), { level: 9 }).toString("base64");
    mkdirSync(inRoot(output), { recursive: true });
    writeFileSync(inRoot(`${output}/module.js`), `export const base64 = "${base64}";\n`);
    writeFileSync(inRoot(`${output}/module.d.ts`), "export declare const base64: string;\n");
  });
}

function buildPackage() {
  const inputs = [
    "pkg/src",
    "node_modules/ws/package.json",
    "node_modules/rollup/package.json",
    "pkg/rollup.config.js",
    "pkg/tsconfig.json",
    "pkg/tsconfig.build.json",
    "tsconfig.base.json",
  ];
  return whenChanged({ name: "package", inputs, output: "pkg/dist" }, async () => {
    // Whatever lies in it is packed, also what came of a source that is gone.
    rmSync(inRoot("pkg/dist"), { recursive: true, force: true });
    await step("build the npm package", "tsc", ["-p", "pkg/tsconfig.build.json"]);
    await step("bundle what browsers load", "rollup", [
      "--config",
      "pkg/rollup.config.js",
      "--silent",
    ]);
    await step("bundle what is to be required", "esbuild", requirable("ioredis"));
    await step("bundle what is to be required", "esbuild", requirable("redis"));
    await step("bundle what serves WebSockets", "esbuild", withWs());
    for (const name of ["LICENSE-APACHE", "LICENSE-MIT"])
      copyFileSync(inRoot(name), inRoot(`pkg/${name}`));
  });
}

/**
 * A stand-in for a client as CommonJS, all of it in one file: `jest.mock` requires it, and Jest's own
 * `require` takes no ES modules. It lies where the ES module does, so that it finds the wasm.
 * @param {"ioredis" | "redis"} name
 */
function requirable(name) {
  const banner = 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;';
  // ioredis' module is its class.
  const footer = name === "ioredis" ? ["--footer:js=module.exports = module.exports.default;"] : [];
  return [
    `pkg/dist/entry/${name}.js`,
    ...["--bundle", "--platform=node", "--format=cjs", "--target=node22", "--log-level=warning"],
    ...["--define:import.meta.url=moduleUrl", `--banner:js=${banner}`, ...footer],
    `--outfile=pkg/dist/entry/${name}.cjs`,
  ];
}

/** `ws`, with its licence, in the one file that imports it. */
function withWs() {
  const licence = readFileSync(inRoot("node_modules/ws/LICENSE"), "utf8");
  const require = `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);`;
  return [
    "pkg/dist/server/ws.js",
    ...["--bundle", "--platform=node", "--format=esm", "--target=node22", "--log-level=warning"],
    ...["--external:bufferutil", "--external:utf-8-validate", "--allow-overwrite"],
    `--banner:js=/*! ws\n${licence}*/\n${require}`,
    "--outfile=pkg/dist/server/ws.js",
  ];
}

async function buildPage() {
  const inputs = ["www/index.html", "www/public", "www/src", "www/offline", "www/vite.config.ts"];
  inputs.push("examples/earthquakes");
  inputs.push("www/package.json", "pkg/package.json", "pkg/dist", "pkg/wasm/generated");
  await whenChanged({ name: "page", inputs, output: "www/dist" }, () =>
    step("build the page", "vite", ["build", "--logLevel", "warn"], { cwd: inRoot("www") }),
  );
  await buildElement();
  // `eddyline console` serves it.
  rmSync(inRoot("pkg/console"), { recursive: true, force: true });
  cpSync(inRoot("www/dist"), inRoot("pkg/console"), { recursive: true });
}

/** The console as an element: `eddyline/console`. */
async function buildElement() {
  const inputs = ["www/src", "www/element", "www/vite.element.config.ts", "www/package.json"];
  inputs.push("pkg/src/syntax.ts", "pkg/src/cli/repl");
  await whenChanged({ name: "element", inputs, output: "pkg/element" }, async () => {
    const config = ["--config", "vite.element.config.ts"];
    const args = ["build", ...config, "--logLevel", "warn"];
    await step("build the console's element", "vite", args, { cwd: inRoot("www") });
    copyFileSync(inRoot("www/element/console.d.ts"), inRoot("pkg/element/console.d.ts"));
  });
}

function printWasmSizes() {
  /** @type {Record<string, { raw: number, gzip: number, brotli: number }>} */
  const sizes = {};
  for (const path of WASM_FILES.filter((file) => existsSync(inRoot(file)))) {
    const bytes = readFileSync(inRoot(path));
    sizes[path] = {
      raw: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
    };
  }
  console.log("wasm in bytes:");
  console.table(sizes);
}
