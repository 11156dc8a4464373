/**
 * What Node itself takes to serve: a server that finds out how many requests have come, and answers
 * each with the same ID. Prints its port.
 *
 * The way in and out is that of `eddyline serve`, so what that takes more, it takes for its work.
 */

import { createServer } from "node:net";

/** The command that is counted; its name occurs nowhere else in a request. */
const COMMAND = "XADD";
const REPLY = "$15\r\n1700000000000-0\r\n";
/** What redis-benchmark asks first. */
const REFUSAL = "-ERR there is nothing here\r\n";
/** More requests than one packet has. */
const MOST = 10_000;

const replies = Buffer.from(REPLY.repeat(MOST));

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    let count = 0;
    for (let at = bytes.indexOf(COMMAND); at >= 0; at = bytes.indexOf(COMMAND, at + 4)) count++;
    socket.write(count === 0 ? REFUSAL : replies.subarray(0, count * REPLY.length));
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(`listening on 127.0.0.1:${address?.port}`);
});
