/** Loaded before a program: its `ioredis` and `redis` are ours, however it imports them. */

import { registerHooks } from "node:module";

const IN_PLACE: Readonly<Record<string, string>> = {
  ioredis: "eddyline/ioredis",
  redis: "eddyline/redis",
};

registerHooks({
  resolve: (specifier, context, next) => next(IN_PLACE[specifier] ?? specifier, context),
});
