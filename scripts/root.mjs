// Where the repository is.

import { fileURLToPath } from "node:url";

/** The absolute path of `path` in the repository, without a slash at its end. */
export function inRoot(path = "") {
  return fileURLToPath(new URL(`../${path}`, import.meta.url)).replace(/\/$/, "");
}
