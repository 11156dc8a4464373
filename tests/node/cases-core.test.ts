/**
 * The scenarios of `tests/cases` on the module that browsers have. In a process of its own: the glue
 * knows one instance at a time.
 */

import { coreHost } from "./core-host.ts";
import { testScenarios } from "./scenarios.ts";

testScenarios(coreHost);
