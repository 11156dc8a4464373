/**
 * Every bound of the JavaScript side, in one place. The engine's own are in `src/limits.rs`.
 *
 * Constants and no object: a page that needs three of them is not sent the rest.
 */

/** Bytes of requests collected in one turn; a longer pipeline crosses into wasm in several. */
export const turnBytes = 1 << 20;
/** Bytes of replies to one client after which its other requests wait for a turn of their own. */
export const turnReplyBytes = 256 << 10;
/** How long the rest of the wasm may be on its way before who waits for it is told that it does not come. */
export const partMs = 60_000;
/** Bytes reserved at first for requests; doubled when they do not suffice. */
export const requestBytes = 16 << 10;
/** Sessions of finished blocking reads that are kept for the next ones. */
export const idleSessions = 64;
/** Bytes of journal that one commit carries at most when several turns share it. */
export const commitBytes = 4 << 20;
/** Bytes of journal waiting for their commit beyond which senders that can be paused are. */
export const backlogBytes = 32 << 20;
/** Bytes that a connection leaves unread in this process before its own requests wait too. */
export const unsentBytes = 64 << 10;
/** The same for replies that wait for a commit. */
export const heldBytes = 1 << 20;
/** Bytes of messages that a connection may leave unread before it is closed, as Redis' `client-output-buffer-limit pubsub`. */
export const laggardBytes = 32 << 20;
/** Values that are delivered to another stream at a time: not more than it remembers IDs of. */
export const deliverEntries = 100;
/** How often it is tried whether a storage that failed to write can write again. */
export const probeMs = 1000;
/** How long a connection that is being closed has for what was written to it. */
export const lingerMs = 1000;
/** How long a connection is silent before the other side is asked whether it is still there, as Redis' `tcp-keepalive`. */
export const keepAliveMs = 300_000;
/** Bytes of entries kept in memory by default. A tab and a Worker's isolate have little to spare. */
export const maxResidentBytes = 64 << 20;
/** The same in Node. */
export const nodeMaxResidentBytes = 256 << 20;
/** Entries in a page of an iterator over a stream. */
export const pageEntries = 100;
/** Bytes of a page of entries, about, where the engine can be told. */
export const pageBytes = 1 << 20;
/** Values that a writable stream takes in while an append is under way. */
export const writableEntries = 1000;
/** Acknowledgements that a consumer sends together. */
export const settleEntries = 100;
/** How long it waits for more of them. */
export const settleMs = 20;
/** A consumer reads ahead what it finishes within this time. */
export const readAheadMs = 100;
/** Messages to be given back later that a consumer keeps; others come back after `minIdle` at latest. */
export const delayedMessages = 1000;
/** How often a consumer looks at most for pending entries that were deleted. */
export const sweepMs = 60_000;
/** Records of the pending list that it looks at then. */
export const sweptRecords = 100;
/** How long a message whose handler failed waits at first, if it is told nothing else; doubled each time. */
export const retryDelayMs = 1000;
/** Characters that a dead letter keeps of its reason. */
export const reasonCharacters = 1000;
/** How long a consumer waits at first before it tries again what failed for now; doubled each time. */
export const attemptMs = 100;
/** The longest it waits. */
export const attemptMaxMs = 10_000;
/** Bytes of a storage row: what is larger is split. A Durable Object's limit is 2 MB a row. */
export const partBytes = 1_900_000;
/** How long a tab waits for a database that another one, perhaps on its way out, has open. */
export const lockMs = 1000;
/** How often a tab that waits for an answer asks whether the leader is still there, about. */
export const leaderPingMs = 1000;
/** How late the leader may be with the end of a wait before the tab that waits says so. */
export const reminderMs = 50;
/** So many of these questions without an answer, and another tab takes the lead. */
export const leaderPings = 5;
/** How long `appendfsync everysec` leaves what was written to the operating system. */
export const fsyncMs = 1000;
/** Requests in one HTTP call of the remote client. */
export const remoteRequests = 1000;
/** WebSockets of finished blocking reads that the remote client keeps for the next ones. */
export const idleLines = 8;
/** How long an answer may take over a WebSocket before the connection is taken for dead. */
export const answerMs = 30_000;
/** How long a read waits at once over a WebSocket, so that a dead one is noticed. */
export const lineWaitMs = 120_000;
/** How long the remote client waits before it opens a WebSocket again; each time twice as long. */
export const reconnectMs = 50;
/** How often it tries before it gives up what waits to be sent. */
export const reconnectTries = 8;
/** The longest time `setTimeout` can hold; later deadlines are reached in steps. */
export const timerMs = 0x7fff_ffff;
/** Depth of nested replies that are decoded. */
export const replyDepth = 32;
/** How long an object is idle before it goes to sleep with its sockets. */
export const hibernateMs = 10_000;
/** How long an object has not been called when it is the first to give up memory. */
export const idleObjectMs = 10_000;
/** Bytes of a session that are kept while its object sleeps; the platform takes 16,384 with their frame. */
export const attachmentBytes = 15_000;
/** Bytes of one message between the front door and an object. */
export const socketBytes = 1 << 20;
/** Bytes of requests that travel with the opening of such a socket. */
export const handshakeBytes = 4096;
/** Sockets to objects that a session holds at a time. */
export const sessionSockets = 64;
/** Bytes of a key in a Worker, where each has an object that is called so. */
export const keyBytes = 4096;
/** Bytes of all names and values of one entry in an object, whose memory holds several copies. */
export const objectEntryBytes = 8 << 20;
/** Bytes, about, that an object tells a client at once: they are there several times. */
export const objectReplyBytes = 16 << 20;
/** Objects that list the keys. Another number is another index: never to be changed. */
export const indexShards = 16;
/** How long a reply waits for the index to know the key that came or went with it. */
export const indexWaitMs = 2000;
/** When the index is told again after it could not be reached: soon, as it keeps the object awake. */
export const indexRetryMs = 3000;
/** Keys that are read from the index at a time. */
export const indexPage = 10_000;
/** Bytes of the body of an HTTP request; a Worker's memory holds several of them. */
export const httpBodyBytes = 16 << 20;
/** How long an HTTP request may wait for entries: less than proxies on the way allow. */
export const httpWaitMs = 25_000;
/** How often the reads of a request that has waited so long are ended, until none is left. */
export const hurryMs = 10;
/** How long a client may take to send the head of a request over HTTP. */
export const requestMs = 60_000;
/** How long nothing may go over a connection on which a request is under way. */
export const silentHttpMs = 120_000;
/** How long a connection is kept for the next request. */
export const idleHttpMs = 65_000;
/** Sessions over HTTP at once: requests under way, followers, WebSockets. */
export const httpSessions = 20_000;
/** Bytes that a session over HTTP may send without a reply, parts of a request included. */
export const unansweredBytes = 64 << 20;
/** Bytes of all replies to one HTTP request. */
export const httpReplyBytes = 64 << 20;
/** Commands in one HTTP request. */
export const httpCommands = 10_000;
/** Arguments of a command in an HTTP request. */
export const httpArguments = 100_000;
/** Characters of a signed token; it has to fit a header. */
export const tokenBytes = 4096;
/** How long a WebSocket may be open before its client has said who it is, and bytes that it may send. */
export const greetingMs = 10_000;
export const greetingBytes = 64 << 10;
/** Bytes of one message of a WebSocket; a Durable Object takes 32 MiB. */
export const socketMessageBytes = 16 << 20;
/** How often a socket that is behind is looked at. */
export const drainMs = 20;
/** Bytes of messages that a reader of events may leave unread before it is cut off. */
export const unreadBytes = 1 << 20;
/** How long nothing may go over a stream of events: less than what proxies take for dead. */
export const heartbeatMs = 15_000;
/** How long a browser waits before it asks again for a stream of events that has ended. */
export const retryMs = 1000;
/** Streams that /metrics looks at, and how many of them at once. */
export const metricStreams = 1000;
export const metricBatch = 100;
/** Entries, and bytes of them, that are read at once for a stream of events. */
export const eventEntries = 100;
export const eventBytes = 256 << 10;
/** Bytes of a stream's latest events that are kept for all who follow it; the latest batch in any case. */
export const feedBytes = 256 << 10;
/** How long the one who reads for them may wait for an answer: longer than its read waits. */
export const leadMs = 20_000;
/** How often it gives a sign that it is there, and after how long without one it is not. */
export const leadSignMs = 1000;
export const leadSilenceMs = 5000;
