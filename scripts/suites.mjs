// Every suite there is, as data: what it runs, what has to be built first, how its tests count.

import { countLibtest, countNodeTest } from "./counts.mjs";
import { REFERENCE } from "./docs.mjs";

/**
 * @typedef {object} Suite
 * @property {string} name by which `npm test -- NAME` selects it
 * @property {string[][]} commands all are run, also when one fails
 * @property {((output: string) => import("./counts.mjs").Counts)} [count] reads a command's
 *   output; without it each command is one test
 * @property {import("./build.mjs").Product[]} [products] what has to be built first
 * @property {import("./programs.mjs").Program[]} [programs] without these it is skipped
 * @property {NodeJS.ProcessEnv} [env] variables to add
 */

const WASM = ["--target", "wasm32-unknown-unknown"];
const BINDINGS = ["--package", "eddyline-wasm", "--package", "eddyline-worker"];
/** Runs on wasm only. */
const NOT_NATIVE = ["--exclude", "eddyline-worker"];

/** @type {(folder: string, ...options: string[]) => string[]} */
const nodeTest = (folder, ...options) => [
  ...["node", "--test", "--test-reporter=spec", "--test-timeout=300000"],
  ...options,
  `${folder}/**/*.test.ts`,
];
/** Suites with servers and browsers of their own: one file after the other on a small machine. */
const ONE_BY_ONE = "--test-concurrency=1";

/** @type {(project: string) => string[]} */
const typeCheck = (project) => ["tsc", "--noEmit", "-p", project];

/**
 * In this order, the long ones before the short ones: two may run at a time.
 * @type {Suite[]}
 */
export const suites = [
  {
    name: "engine",
    commands: [
      ["cargo", "test", "--workspace", ...NOT_NATIVE, "--exclude", "xtask", "--no-fail-fast"],
    ],
    count: countLibtest,
  },
  {
    name: "wasm",
    commands: [["cargo", "test", "--package", "eddyline-wasm", ...WASM, "--no-fail-fast"]],
    count: countLibtest,
  },
  { name: "code", commands: [nodeTest("tests/code")], count: countNodeTest },
  {
    name: "package",
    commands: [nodeTest("pkg/test")],
    count: countNodeTest,
    products: ["package"],
  },
  {
    name: "node",
    commands: [nodeTest("tests/node")],
    count: countNodeTest,
    products: ["package", "page"],
  },
  {
    name: "browser",
    commands: [nodeTest("tests/browser", ONE_BY_ONE)],
    count: countNodeTest,
    products: ["package", "worker", "page"],
    programs: ["chromium"],
  },
  {
    name: "workerd",
    commands: [nodeTest("tests/workerd", ONE_BY_ONE)],
    count: countNodeTest,
    products: ["package", "worker", "workerTest", "page"],
  },
  {
    name: "packaging",
    commands: [nodeTest("tests/packaging", ONE_BY_ONE)],
    count: countNodeTest,
    products: ["package", "worker", "page"],
    programs: ["chromium"],
  },
  {
    name: "reference",
    commands: [REFERENCE],
    products: ["package"],
  },
  {
    name: "lint",
    commands: [
      ["cargo", "fmt", "--all", "--check", "--", "--color=never"],
      ["cargo", "clippy", "--workspace", ...NOT_NATIVE, "--all-targets", "--", "-Dwarnings"],
      ["cargo", "clippy", ...BINDINGS, ...WASM, "--", "-Dwarnings"],
      ["biome", "check", "--error-on-warnings"],
    ],
  },
  {
    name: "clients",
    commands: [nodeTest("tests/clients", ONE_BY_ONE, "--test-force-exit")],
    count: countNodeTest,
    products: ["package"],
    programs: ["redis-server", "redis-server 8", "redis-cli"],
  },
  {
    name: "dropins",
    commands: [nodeTest("tests/dropins", ONE_BY_ONE, "--test-force-exit")],
    count: countNodeTest,
    products: ["package"],
    programs: ["redis-server 8"],
  },
  {
    name: "clients-python",
    commands: [nodeTest("tests/clients-python", ONE_BY_ONE, "--test-force-exit")],
    count: countNodeTest,
    products: ["package"],
    programs: ["redis-server", "redis-server 8", "redis-py"],
  },
  {
    name: "types",
    commands: ["pkg", "pkg/src/worker", "www", "."].map(typeCheck),
    products: ["package", "worker"],
  },
];
