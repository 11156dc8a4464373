/** Every client where a password is asked for: with it, without it, with a wrong one. */

import { conversations } from "./conversation.ts";
import { iovalkey, type Options, over as overIoredis } from "./ioredis.ts";
import { over as overNodeRedis } from "./node-redis.ts";

const SECRET = "a secret: ☂";
const WAY = { options: { retryStrategy: () => null, enableReadyCheck: false, lazyConnect: true } };

for (const [title, make] of [["ioredis"], ["iovalkey", iovalkey]] as const) {
  conversations(`${title} and a password`, ({ same }) => {
    same(
      "asked for",
      overIoredis({ ...WAY, make }, async ({ redis, tell, another }) => {
        await redis.config("SET", "requirepass", SECRET);
        try {
          const stranger = another();
          await tell("a command without", stranger.xlen("s"));
          await tell("ping without", stranger.ping());
          await tell("auth wrong", stranger.auth("wrong"));
          await tell("auth", stranger.auth(SECRET));
          await tell("a command after", stranger.xlen("s"));
          await tell("in the options", another({ password: SECRET }).xlen("s"));
          const named = another({ username: "default", password: SECRET });
          await tell("with the name of the user", named.xlen("s"));
          // Which of the two errors ends such a call is a race within the client.
          const isServed = async (options: Options) =>
            await another(options)
              .xlen("s")
              .then(
                () => true,
                () => false,
              );
          await tell("wrong in the options", isServed({ password: "wrong" }));
          await tell("the name of nobody", isServed({ username: "x", password: SECRET }));
          await tell("one who was there before", redis.xlen("s"));
        } finally {
          await redis.config("SET", "requirepass", "");
        }
        await tell("no longer asked for", another().xlen("s"));
      }),
    );
  });
}

for (const RESP of [2, 3]) {
  conversations(`node-redis and a password, RESP${RESP}`, ({ same }) => {
    const options = { RESP: RESP as 3 };
    same(
      "asked for",
      overNodeRedis(options, async ({ client, tell, another }) => {
        await client.configSet("requirepass", SECRET);
        try {
          const connect = async (more: object) => await (await another(more)).xLen("s");
          await tell("in the options", connect({ password: SECRET }));
          await tell("with the name", connect({ username: "default", password: SECRET }));
          await tell("one who was there before", client.xLen("s"));
        } finally {
          await client.configSet("requirepass", "");
        }
        await tell("no longer asked for", (await another()).xLen("s"));
      }),
    );
  });
}
