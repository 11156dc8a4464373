/** `require("eddyline/redis")`: what node-redis' own `require` gives. */

import redis = require("redis");
export = redis;
