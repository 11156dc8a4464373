// Something to be tested: it uses ioredis and node-redis, and does not know of the tests.

const Redis = require("ioredis");
const { createClient } = require("redis");

const redis = new Redis({ host: "redis.example", keyPrefix: "shop:" });
const client = createClient({ url: "redis://redis.example" });

exports.redis = redis;
exports.client = client;
/** @param {string} item */
exports.order = (item) => redis.xadd("orders", "*", "item", item);
/** The next order, for whom there was none yet. */
exports.next = () =>
  client.xReadGroup("shop", "till", { key: "shop:orders", id: ">" }, { BLOCK: 4000 });
