// The Rust toolchain: the one that rust-toolchain.toml pins, its wasm target, clippy and rustfmt.
// Adds what is missing by rustup; costs one `rustc` call when nothing is.

import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { inRoot } from "./root.mjs";
import { attempt, StepFailed, step } from "./step.mjs";

const WASM_TARGET = "wasm32-unknown-unknown";

/** Makes sure that cargo can compile for this machine and for wasm. */
export async function installToolchain() {
  const sysroot = (await pinnedSysroot()) ?? (await stableSysroot());
  if (!existsSync(`${sysroot}/lib/rustlib/${WASM_TARGET}`)) {
    await step("add Rust's wasm target", "rustup", ["target", "add", WASM_TARGET], {
      hint: "check that rustup reaches its server, or install the target as your system does it",
    });
  }
  for (const [program, component] of [
    ["cargo-clippy", "clippy"],
    ["rustfmt", "rustfmt"],
  ]) {
    if (existsSync(`${sysroot}/bin/${program}`)) continue;
    await step(`add ${component}`, "rustup", ["component", "add", String(component)], {
      hint: "check that rustup reaches its server",
    });
  }
}

/** The folder of the pinned toolchain, installed if need be; undefined when it cannot be had. */
async function pinnedSysroot() {
  const present = await sysroot("look for Rust");
  if (present) return present;
  const { code } = await attempt("install the pinned Rust", "rustup", ["toolchain", "install"]);
  return code === 0 ? await sysroot("look for the pinned Rust") : undefined;
}

/** The folder of rustup's stable toolchain if it is new enough to stand in for the pinned one. */
async function stableSysroot() {
  const needed = /rust-version = "1\.(\d+)"/.exec(readFileSync(inRoot("Cargo.toml"), "utf8"))?.[1];
  process.env.RUSTUP_TOOLCHAIN = "stable";
  const { code, output } = await attempt("look for stable Rust", "rustc", ["--version"]);
  const minor = /rustc 1\.(\d+)/.exec(output)?.[1];
  const path = code === 0 ? await sysroot("look for stable Rust") : undefined;
  if (!path || Number(minor) < Number(needed)) {
    throw new StepFailed(
      [
        "\nFAILED: find a Rust toolchain",
        "  why: the pinned toolchain cannot be installed and rustup's `stable` is missing or older",
        `    than 1.${needed}; the last answer: ${output.trim()}`,
        "  what to do: install rustup, then run `rustup toolchain install` in this folder",
      ].join("\n"),
    );
  }
  console.error(`The pinned Rust cannot be had here; using stable (1.${minor}) instead.`);
  return path;
}

/** @param {string} title */
async function sysroot(title) {
  const { code, output } = await attempt(title, "rustc", ["--print", "sysroot"]);
  return code === 0 ? output.trim().split("\n").at(-1) : undefined;
}
