/** Every bound of the JavaScript side, in one place. The engine's own are in `src/limits.rs`. */
export const limits = {
  /** Bytes of requests collected in one turn; a longer pipeline crosses into wasm in several. */
  turnBytes: 1 << 20,
  /** Bytes of replies to one client after which its other requests wait for a turn of their own. */
  turnReplyBytes: 256 << 10,
  /** Bytes reserved at first for requests; doubled when they do not suffice. */
  requestBytes: 16 << 10,
  /** Sessions of finished blocking reads that are kept for the next ones. */
  idleSessions: 64,
  /** Bytes of journal that one commit carries at most when several turns share it. */
  commitBytes: 4 << 20,
  /** Bytes of journal waiting for their commit beyond which senders that can be paused are. */
  backlogBytes: 32 << 20,
  /** Bytes that a connection leaves unread in this process before its own requests wait too. */
  unsentBytes: 64 << 10,
  /** The same for replies that wait for a commit. */
  heldBytes: 1 << 20,
  /** Bytes of messages that a connection may leave unread before it is closed, as Redis' `client-output-buffer-limit pubsub`. */
  laggardBytes: 32 << 20,
  /** Values that are delivered to another stream at a time: not more than it remembers IDs of. */
  deliverEntries: 100,
  /** How often it is tried whether a storage that failed to write can write again. */
  probeMs: 1000,
  /** How long a connection that is being closed has for what was written to it. */
  lingerMs: 1000,
  /** How long a connection is silent before the other side is asked whether it is still there, as Redis' `tcp-keepalive`. */
  keepAliveMs: 300_000,
  /** Bytes of entries kept in memory by default. A tab and a Worker's isolate have little to spare. */
  maxResidentBytes: 64 << 20,
  /** The same in Node. */
  nodeMaxResidentBytes: 256 << 20,
  /** Entries in a page of an iterator over a stream. */
  pageEntries: 100,
  /** Bytes of a page of entries, about, where the engine can be told. */
  pageBytes: 1 << 20,
  /** Values that a writable stream takes in while an append is under way. */
  writableEntries: 1000,
  /** Acknowledgements that a consumer sends together. */
  settleEntries: 100,
  /** How long it waits for more of them. */
  settleMs: 20,
  /** A consumer reads ahead what it finishes within this time. */
  readAheadMs: 100,
  /** Messages to be given back later that a consumer keeps; others come back after `minIdle` at latest. */
  delayedMessages: 1000,
  /** How often a consumer looks at most for pending entries that were deleted. */
  sweepMs: 60_000,
  /** Records of the pending list that it looks at then. */
  sweptRecords: 100,
  /** How long a message whose handler failed waits at first, if it is told nothing else; doubled each time. */
  retryDelayMs: 1000,
  /** Characters that a dead letter keeps of its reason. */
  reasonCharacters: 1000,
  /** How long a consumer waits at first before it tries again what failed for now; doubled each time. */
  attemptMs: 100,
  /** The longest it waits. */
  attemptMaxMs: 10_000,
  /** Bytes of a storage row: what is larger is split. A Durable Object's limit is 2 MB a row. */
  partBytes: 1_900_000,
  /** How long a tab waits for a database that another one, perhaps on its way out, has open. */
  lockMs: 1000,
  /** How often a tab that waits for an answer asks whether the leader is still there, about. */
  leaderPingMs: 1000,
  /** How late the leader may be with the end of a wait before the tab that waits says so. */
  reminderMs: 50,
  /** So many of these questions without an answer, and another tab takes the lead. */
  leaderPings: 5,
  /** How long `appendfsync everysec` leaves what was written to the operating system. */
  fsyncMs: 1000,
  /** Requests in one HTTP call of the remote client. */
  remoteRequests: 1000,
  /** WebSockets of finished blocking reads that the remote client keeps for the next ones. */
  idleLines: 8,
  /** How long an answer may take over a WebSocket before the connection is taken for dead. */
  answerMs: 30_000,
  /** How long a read waits at once over a WebSocket, so that a dead one is noticed. */
  lineWaitMs: 120_000,
  /** How long the remote client waits before it opens a WebSocket again; each time twice as long. */
  reconnectMs: 50,
  /** How often it tries before it gives up what waits to be sent. */
  reconnectTries: 8,
  /** The longest time `setTimeout` can hold; later deadlines are reached in steps. */
  timerMs: 0x7fff_ffff,
  /** Depth of nested replies that are decoded. */
  replyDepth: 32,
  /** How long an object is idle before it goes to sleep with its sockets. */
  hibernateMs: 10_000,
  /** How long an object has not been called when it is the first to give up memory. */
  idleObjectMs: 10_000,
  /** Bytes of a session that are kept while its object sleeps; the platform takes 16,384 with their frame. */
  attachmentBytes: 15_000,
  /** Bytes of one message between the front door and an object. */
  socketBytes: 1 << 20,
  /** Bytes of requests that travel with the opening of such a socket. */
  handshakeBytes: 4096,
  /** Sockets to objects that a session holds at a time. */
  sessionSockets: 64,
  /** Bytes of a key in a Worker, where each has an object that is called so. */
  keyBytes: 4096,
  /** Bytes of all names and values of one entry in an object, whose memory holds several copies. */
  objectEntryBytes: 8 << 20,
  /** Bytes, about, that an object tells a client at once: they are there several times. */
  objectReplyBytes: 16 << 20,
  /** Objects that list the keys. Another number is another index: never to be changed. */
  indexShards: 16,
  /** How long a reply waits for the index to know the key that came or went with it. */
  indexWaitMs: 2000,
  /** When the index is told again after it could not be reached: soon, as it keeps the object awake. */
  indexRetryMs: 3000,
  /** Keys that are read from the index at a time. */
  indexPage: 10_000,
  /** Bytes of the body of an HTTP request; a Worker's memory holds several of them. */
  httpBodyBytes: 16 << 20,
  /** How long an HTTP request may wait for entries: less than proxies on the way allow. */
  httpWaitMs: 25_000,
  /** How often the reads of a request that has waited so long are ended, until none is left. */
  hurryMs: 10,
  /** How long a client may take to send the head of a request over HTTP. */
  requestMs: 60_000,
  /** How long nothing may go over a connection on which a request is under way. */
  silentHttpMs: 120_000,
  /** How long a connection is kept for the next request. */
  idleHttpMs: 65_000,
  /** Sessions over HTTP at once: requests under way, followers, WebSockets. */
  httpSessions: 20_000,
  /** Bytes that a session over HTTP may send without a reply, parts of a request included. */
  unansweredBytes: 64 << 20,
  /** Bytes of all replies to one HTTP request. */
  httpReplyBytes: 64 << 20,
  /** Commands in one HTTP request. */
  httpCommands: 10_000,
  /** Arguments of a command in an HTTP request. */
  httpArguments: 100_000,
  /** Characters of a signed token; it has to fit a header. */
  tokenBytes: 4096,
  /** How long a WebSocket may be open before its client has said who it is, and bytes that it may send. */
  greetingMs: 10_000,
  greetingBytes: 64 << 10,
  /** Bytes of one message of a WebSocket; a Durable Object takes 32 MiB. */
  socketMessageBytes: 16 << 20,
  /** How often a socket that is behind is looked at. */
  drainMs: 20,
  /** Bytes of messages that a reader of events may leave unread before it is cut off. */
  unreadBytes: 1 << 20,
  /** How long nothing may go over a stream of events: less than what proxies take for dead. */
  heartbeatMs: 15_000,
  /** How long a browser waits before it asks again for a stream of events that has ended. */
  retryMs: 1000,
  /** Streams that /metrics looks at, and how many of them at once. */
  metricStreams: 1000,
  metricBatch: 100,
  /** Entries, and bytes of them, that are read at once for a stream of events. */
  eventEntries: 100,
  eventBytes: 256 << 10,
  /** Bytes of a stream's latest events that are kept for all who follow it; the latest batch in any case. */
  feedBytes: 256 << 10,
  /** How long the one who reads for them may give no sign: longer than its read waits. */
  leadMs: 20_000,
} as const;
