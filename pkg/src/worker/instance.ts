/**
 * The wasm instance in which this isolate's objects make their cores.
 *
 * All of them share one, as each reserves address space and stack of its own. But code that
 * trapped has left its frames on that instance's stack and its memory unfreed, so an instance in
 * which something trapped gets no new cores. Those that are in it stay: Rust's aliasing rules and
 * an engine without `unsafe` code mean that what trapped was changing its own core's memory only,
 * and not the allocator's. The instance goes when the last of them does.
 */

import wasm from "../../wasm/generated-worker/eddyline_worker_bg.wasm";
import { instantiate } from "../../wasm/generated-worker/instantiate.js";

/** The module's exports in one instance of it. */
export type Instance = ReturnType<typeof instantiate>;

let current: Instance | undefined;

/** The instance for what is made from now on. */
export function currentInstance(): Instance {
  current ??= instantiate(wasm);
  return current;
}

/** Runs what belongs to no object. */
export function runAtDoor<T>(run: (instance: Instance) => T): T {
  const instance = currentInstance();
  try {
    return run(instance);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) retire(instance);
    throw error;
  }
}

/** Says that code trapped in this instance. */
export function retire(instance: Instance): void {
  if (instance === current) current = undefined;
}
