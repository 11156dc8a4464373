/** XCLAIM and XAUTOCLAIM: make pending entries a consumer's, whoever they were delivered to. */

import { type Argument, type ReadReply, readArray, readerOf, readText } from "../resp.ts";

/** When the entries count as delivered last: now, some time ago, or at a time. Not both of the latter. */
export type XClaimDelivery =
  | { IDLE?: never; TIME?: never }
  | {
      /** Milliseconds ago. */
      IDLE: number;
      TIME?: never;
    }
  | {
      IDLE?: never;
      /** Milliseconds since 1970, or a date. */
      TIME: number | Date;
    };

/** Options of XCLAIM. */
export type XClaimOptions = XClaimDelivery & {
  /** How often the entries count as delivered; by default once more than before. */
  RETRYCOUNT?: number;
  /** Also entries that are pending with nobody. */
  FORCE?: boolean;
  /** The group has been given everything up to this ID, if it was not before. */
  LASTID?: Argument;
};

/** Options of XAUTOCLAIM. */
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

/** A reader of XAUTOCLAIM's reply whose entries `message` takes. */
export function readAutoClaim<M>(message: ReadReply<M>): ReadReply<XAutoClaimReply<M>> {
  return readerOf({
    nextId: readText,
    messages: (reader) => readArray(reader, message),
    deletedMessages: (reader) => readArray(reader, readText),
  });
}
