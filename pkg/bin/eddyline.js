#!/usr/bin/env node
// The program `eddyline`. Not compiled, so that npm can link it before the package is built, and
// understood by old versions of Node, so that it can tell them what it needs.

import process from "node:process";

const NEEDED = [22, 13];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  await import("../dist/cli/main.js");
} else {
  process.stderr.write(
    `eddyline: Node ${NEEDED.join(".")} or newer is needed, this is ${process.versions.node}\n`,
  );
  process.exitCode = 1;
}
