/**
 * What `import … from "eddyline"` gives.
 *
 * @module eddyline
 */

export { StreamClient } from "./client.ts";
export type { StreamMessage, StreamMessages, Value } from "./commands/message.ts";
export type { ScanIteratorOptions, XRangeIteratorOptions } from "./commands/pages.ts";
export type {
  CopyOptions,
  ExpireMode,
  HashFields,
  HashValue,
  Popped,
  RestoreOptions,
  ScanOptions,
  ScanReply,
  SetCondition,
  SetExpiry,
  SetOptions,
} from "./commands/plain.ts";
export type { StreamCommands, XRangeOptions } from "./commands/streams.ts";
export type { Commands } from "./commands/table.ts";
export type { DeletionPolicy, Trim, TrimPrecision, TrimThreshold } from "./commands/trim.ts";
export type { ValueCommands } from "./commands/values.ts";
export type { Message, XAddIdempotence, XAddOptions } from "./commands/xadd.ts";
export type {
  XAutoClaimOptions,
  XAutoClaimReply,
  XClaimDelivery,
  XClaimOptions,
} from "./commands/xclaim.ts";
export type {
  DeletionReply,
  XCfgSetOptions,
  XGroupCreateOptions,
  XGroupSetIdOptions,
  XNackMode,
  XNackOptions,
  XSetIdOptions,
} from "./commands/xgroup.ts";
export type { XInfoConsumer, XInfoGroup, XInfoStreamReply } from "./commands/xinfo.ts";
export type { PendingMessage, XPendingRangeOptions, XPendingSummary } from "./commands/xpending.ts";
export type {
  Blocking,
  XReadGroupOptions,
  XReadOptions,
  XReadStream,
  XReadStreams,
} from "./commands/xread.ts";
export type { XTrimOptions } from "./commands/xtrim.ts";
export { Eddyline, type OpenOptions } from "./eddyline.ts";
export type { LocalOptions } from "./engine-transport.ts";
export * from "./errors.ts";
export type { ExportOptions, ExportSource, ExportStream, ImportOptions } from "./moving.ts";
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
  Storage,
  StorageOptions,
  Stored,
} from "./storage/storage.ts";
export type {
  AppendManyOptions,
  AppendOneOptions,
  AppendOptions,
  Retention,
} from "./stream/append.ts";
export type { AsJson, AsRead, BytesCodec, Codec, Json, TextCodec } from "./stream/codec.ts";
export type { ConsumeOptions } from "./stream/consumer.ts";
export type { Consumption } from "./stream/consumption.ts";
export type { DeadLetterFields } from "./stream/dead-letters.ts";
export type { DeliverOptions } from "./stream/deliver.ts";
export type { Entries } from "./stream/entries.ts";
export type { EntriesOptions, FollowOptions } from "./stream/entry-steps.ts";
export { byteFields, textFields } from "./stream/fields.ts";
export type { Group } from "./stream/group.ts";
export type { DeadLetter, GroupOptions, Lag, ProcessOptions } from "./stream/group-work.ts";
export type { GroupMessage, NackOptions } from "./stream/lease.ts";
export type { Entry, FieldValue } from "./stream/link.ts";
export type { CodecOptions, PlainOptions, SchemaOptions, StreamOptions } from "./stream/log.ts";
export type { Position, StartOptions } from "./stream/position.ts";
export type {
  SchemaInput,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from "./stream/schema.ts";
export type { ReadableOptions, Stream } from "./stream/stream.ts";
export type { Transaction } from "./transaction.ts";
export type { Connection, ConnectionEvents, Transport, Wait } from "./transport.ts";
