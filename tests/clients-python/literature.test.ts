/** The programs for Python, as people publish them, on real servers and on Eddyline. */

import process from "node:process";
import { literature } from "../clients/literature.ts";

literature("python", process.env.EDDYLINE_PYTHON ?? "python3");
