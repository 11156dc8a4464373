/** What one's friends did, newest first, page by page. */

import process from "node:process";
import { createClient } from "redis";

const FEED_LENGTH = 8;
const PAGE = 3;

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();

const feedKey = (user: string) => `social:feed:${user}`;
const followersKey = (user: string) => `social:followers:${user}`;

/** Writes to the feed of every follower (fan-out on write). */
async function post(author: string, text: string) {
  const followers = await client.sMembers(followersKey(author));
  const transaction = client.multi();
  for (const follower of followers) {
    const TRIM = { strategy: "MAXLEN", threshold: FEED_LENGTH } as const;
    transaction.xAdd(feedKey(follower), "*", { author, text }, { TRIM });
    transaction.hIncrBy("social:unread", follower, 1);
  }
  await transaction.exec();
}

/** The pages of a user's feed; "(" continues before the last entry of the page before. */
async function* pages(user: string) {
  for (let before = "+"; ; ) {
    const page = await client.xRevRange(feedKey(user), before, "-", { COUNT: PAGE });
    const last = page?.at(-1);
    if (!page || !last) return;
    yield page.map(({ message }) => `${message.author}: ${message.text}`);
    before = `(${last.id}`;
  }
}

const users = ["ada", "ben", "cho"];
await client.del(["social:unread", ...users.map(feedKey), ...users.map(followersKey)]);
await client.sAdd(followersKey("ada"), ["ben", "cho"]);
await client.sAdd(followersKey("ben"), "cho");

for (let number = 1; number <= 6; number++) {
  await post("ada", `photo ${number}`);
  await post("ben", `note ${number}`);
}
await post("cho", "is anybody there?");

for (const user of users) {
  const unread = (await client.hGet("social:unread", user)) ?? 0;
  console.log(`${user}: ${unread} unread, ${await client.xLen(feedKey(user))} in the feed`);
}
let number = 0;
for await (const page of pages("cho")) {
  console.log(`cho's page ${++number}: ${page.join(", ")}`);
}

await client.hDel("social:unread", "cho");
const unread = await client.hGet("social:unread", "cho");
const follows = await client.sIsMember(followersKey("ada"), "cho");
const followers = await client.sCard(followersKey("ada"));
console.log(`cho read everything: ${unread === null ? "yes" : "no"}`);
console.log(`cho follows ada: ${follows ? "yes" : "no"}, followers of ada: ${followers}`);
await client.close();
