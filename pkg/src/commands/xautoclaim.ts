/** XAUTOCLAIM: makes entries that have been pending for long a consumer's, page by page. */

import { type Argument, type Argv, type ReadReply, readArray, readText } from "../resp.ts";
import { pushOption } from "./arguments.ts";

/** Options of {@link xAutoClaimArgv | XAUTOCLAIM}. */
export interface XAutoClaimOptions {
  /** Entries at most; by default 100. */
  COUNT?: number;
}

/** What was claimed. */
export interface XAutoClaimReply<M> {
  /** Where the next call starts; `0-0` when there is no more. */
  nextId: string;
  /** What was claimed. */
  messages: M[];
  /** Entries that were pending but are gone from the stream; they no longer are pending. */
  deletedMessages: string[];
}

/** `XAUTOCLAIM key group consumer min-idle-ms start [COUNT n] [JUSTID]` */
export function xAutoClaimArgv(
  key: Argument,
  group: Argument,
  consumer: Argument,
  minIdleTime: number,
  start: Argument,
  options?: XAutoClaimOptions,
  flag?: "JUSTID",
): Argv {
  const argv: Argument[] = ["XAUTOCLAIM", key, group, consumer, String(minIdleTime), start];
  pushOption(argv, "COUNT", options?.COUNT);
  if (flag !== undefined) argv.push(flag);
  return argv;
}

/** A reader of the reply whose entries `message` takes. */
export function readAutoClaim<M>(message: ReadReply<M>): ReadReply<XAutoClaimReply<M>> {
  return (reader) => {
    reader.items();
    return {
      nextId: reader.text(),
      messages: readArray(reader, message),
      deletedMessages: readArray(reader, readText),
    };
  };
}
