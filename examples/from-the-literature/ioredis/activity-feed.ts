/** What one's friends did, newest first, page by page. */

import process from "node:process";
import { Redis } from "ioredis";

const FEED_LENGTH = 8;
const PAGE = 3;

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

const feedKey = (user: string) => `social:feed:${user}`;
const followersKey = (user: string) => `social:followers:${user}`;

/** Writes to the feed of every follower (fan-out on write). */
async function post(author: string, text: string) {
  const followers = await redis.smembers(followersKey(author));
  const transaction = redis.multi();
  for (const follower of followers) {
    const activity = ["author", author, "text", text];
    transaction.xadd(feedKey(follower), "MAXLEN", FEED_LENGTH, "*", ...activity);
    transaction.hincrby("social:unread", follower, 1);
  }
  await transaction.exec();
}

/** The pages of a user's feed; "(" continues before the last entry of the page before. */
async function* pages(user: string) {
  for (let before = "+"; ; ) {
    const page = await redis.xrevrange(feedKey(user), before, "-", "COUNT", PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map(([, [, author, , text]]) => `${author}: ${text}`);
    before = `(${last[0]}`;
  }
}

const users = ["ada", "ben", "cho"];
await redis.del("social:unread", ...users.map(feedKey), ...users.map(followersKey));
await redis.sadd(followersKey("ada"), "ben", "cho");
await redis.sadd(followersKey("ben"), "cho");

for (let number = 1; number <= 6; number++) {
  await post("ada", `photo ${number}`);
  await post("ben", `note ${number}`);
}
await post("cho", "is anybody there?");

for (const user of users) {
  const unread = (await redis.hget("social:unread", user)) ?? 0;
  console.log(`${user}: ${unread} unread, ${await redis.xlen(feedKey(user))} in the feed`);
}
let number = 0;
for await (const page of pages("cho")) {
  console.log(`cho's page ${++number}: ${page.join(", ")}`);
}

await redis.hdel("social:unread", "cho");
const unread = await redis.hget("social:unread", "cho");
const follows = await redis.sismember(followersKey("ada"), "cho");
const followers = await redis.scard(followersKey("ada"));
console.log(`cho read everything: ${unread === null ? "yes" : "no"}`);
console.log(`cho follows ada: ${follows ? "yes" : "no"}, followers of ada: ${followers}`);
await redis.quit();
