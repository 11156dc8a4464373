/** `require("eddyline/ioredis")`: what ioredis' own `require` gives. */

import ioredis = require("ioredis");
export = ioredis;
