/** Upstash's own clients, unmodified, on Node. */

import { testUpstashClients } from "../upstash.ts";
import { HttpHost, TOKEN } from "./http-host.ts";

testUpstashClients(() => HttpHost.start(), TOKEN);
