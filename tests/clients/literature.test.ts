/** The programs for Node, as people publish them, on real servers and on Eddyline. */

import process from "node:process";
import { literature } from "./literature.ts";

for (const client of ["ioredis", "node-redis"]) literature(client, process.execPath);
