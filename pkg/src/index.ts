/** What `import … from "eddyline"` gives. */

export { StreamClient } from "./client.ts";
export type { ScanOptions, ScanReply } from "./commands/keys.ts";
export type { StreamMessage, StreamMessages, Value } from "./commands/message.ts";
export type { ScanIteratorOptions, XRangeIteratorOptions } from "./commands/pages.ts";
export type { Trim, TrimPrecision, TrimThreshold } from "./commands/trim.ts";
export type { Message, XAddOptions } from "./commands/xadd.ts";
export type { XAutoClaimOptions, XAutoClaimReply } from "./commands/xautoclaim.ts";
export type { XClaimDelivery, XClaimOptions } from "./commands/xclaim.ts";
export type { XGroupCreateOptions, XGroupSetIdOptions } from "./commands/xgroup.ts";
export type { XInfoConsumer, XInfoGroup, XInfoStreamReply } from "./commands/xinfo.ts";
export type { PendingMessage, XPendingRangeOptions, XPendingSummary } from "./commands/xpending.ts";
export type { XRangeOptions } from "./commands/xrange.ts";
export type { Blocking, XReadOptions, XReadStream, XReadStreams } from "./commands/xread.ts";
export type { XReadGroupOptions } from "./commands/xreadgroup.ts";
export type { XTrimOptions } from "./commands/xtrim.ts";
export { Eddyline, type OpenOptions } from "./eddyline.ts";
export * from "./errors.ts";
export type { LocalOptions } from "./local.ts";
export type { WasmSource } from "./platform.ts";
export type { RemoteOptions } from "./remote.ts";
export type { Argument, Arguments, Argv, ReplyValue } from "./resp.ts";
export type {
  Appendfsync,
  Blob,
  BlobKey,
  Checkpoint,
  Commit,
  JournalBatch,
  MaybePromise,
  SegmentRef,
  Storage,
  StorageOptions,
  Stored,
} from "./storage/storage.ts";
export type { Wait } from "./transport.ts";
