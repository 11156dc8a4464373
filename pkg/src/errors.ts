/** The errors that callers meet. Each has a `code` to branch on and a text for people. */

/**
 * The base of every error this package throws.
 *
 * @example
 * ```ts
 * try {
 *   await db.xGroupCreate("orders", "billing", "$");
 * } catch (error) {
 *   if (error instanceof EddylineError && error.code === "BUSYGROUP") return; // is there already
 *   throw error;
 * }
 * ```
 */
export class EddylineError extends Error {
  /** What happened, in one word: the first word of Redis' text or one of the words below. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  // Said by each, as bundlers give classes other names.
  override get name(): string {
    return "EddylineError";
  }
}

/**
 * The command was refused and changed nothing. `message` is Redis' text in full, `code` its first
 * word: `ERR`, `WRONGTYPE`, `NOGROUP`, `BUSYGROUP`, …
 */
export class CommandError extends EddylineError {
  constructor(text: string) {
    super(/^[A-Z][A-Z0-9_]*(?= |$)/.exec(text)?.[0] ?? "ERR", text);
  }

  override get name(): string {
    return "CommandError";
  }
}

/**
 * Commands of a transaction or pipeline were refused; the others took effect. Named as in
 * node-redis. `code` is `MULTI`.
 */
export class MultiErrorReply extends EddylineError {
  /** The reply to each command, a {@link CommandError} where it was refused. */
  readonly replies: readonly unknown[];
  /** The places in {@link replies} of those refused. */
  readonly errorIndexes: readonly number[];

  constructor(replies: readonly unknown[], errorIndexes: readonly number[]) {
    super(
      "MULTI",
      `${errorIndexes.length} commands failed, see .replies and .errorIndexes for more information`,
    );
    this.replies = replies;
    this.errorIndexes = errorIndexes;
  }

  /** The errors alone. */
  *errors(): Generator<unknown, void> {
    for (const index of this.errorIndexes) yield this.replies[index];
  }

  override get name(): string {
    return "MultiErrorReply";
  }
}

/** The database was closed, before the call or while it waited. `code` is `CLOSED`. */
export class ClosedError extends EddylineError {
  constructor(message = "the database is closed") {
    super("CLOSED", message);
  }

  override get name(): string {
    return "ClosedError";
  }
}

/** What was asked for does not exist in this version. `code` is `UNSUPPORTED`. */
export class UnsupportedError extends EddylineError {
  constructor(message: string) {
    super("UNSUPPORTED", message);
  }

  override get name(): string {
    return "UnsupportedError";
  }
}

/**
 * The engine was dropped, because a commit failed or the engine itself did; `cause` says which.
 * Whether the calls that fail with this had their effect is not known. `code` is `ENGINE_LOST`.
 *
 * With durable storage (`stateLost` false) the next call meets an engine restored from what was
 * committed. Without (`stateLost` true) the state is gone and every later call fails with this.
 */
export class EngineLostError extends EddylineError {
  /** Whether the streams are gone for good. */
  readonly stateLost: boolean;

  constructor(
    stateLost: boolean,
    cause: unknown,
    message = "the engine was lost and its state with it, as it is kept in memory only",
  ) {
    super("ENGINE_LOST", message, { cause });
    this.stateLost = stateLost;
  }

  override get name(): string {
    return "EngineLostError";
  }
}

/** Storage could not be read, or what it holds is damaged. `code` is `STORAGE`. */
export class StorageError extends EddylineError {
  constructor(message: string, options?: ErrorOptions) {
    super("STORAGE", message, options);
  }

  override get name(): string {
    return "StorageError";
  }
}

/** Another process or tab has the storage open. `code` is `IN_USE`. */
export class StorageInUseError extends EddylineError {
  constructor(message: string, options?: ErrorOptions) {
    super("IN_USE", message, options);
  }

  override get name(): string {
    return "StorageInUseError";
  }
}

/**
 * Another tab has taken a database over from this one, which did not answer any more. Calls are
 * sent to that tab by themselves; an export or import ends with this. `code` is `SUPERSEDED`.
 */
export class SupersededError extends EddylineError {
  constructor() {
    super("SUPERSEDED", "another tab has taken the database over");
  }

  override get name(): string {
    return "SupersededError";
  }
}

/**
 * The disk or the browser's quota is full. What the failed call was to write is not kept; the next
 * call meets the engine as it was before, and can make room. `code` is `STORAGE_FULL`.
 */
export class StorageFullError extends EddylineError {
  constructor(message: string, options?: ErrorOptions) {
    super("STORAGE_FULL", message, options);
  }

  override get name(): string {
    return "StorageFullError";
  }
}

/** A server cannot listen where it was told to; the message says why and what to do. `code` is `LISTEN`. */
export class ListenError extends EddylineError {
  constructor(message: string, options?: ErrorOptions) {
    super("LISTEN", message, options);
  }

  override get name(): string {
    return "ListenError";
  }
}

/**
 * The server could not be reached or did not answer in its protocol. `effect` says what is known of
 * what the call did. `code` is `TRANSPORT`.
 */
export class TransportError extends EddylineError {
  /** The HTTP status, when there was a response. */
  readonly status: number | undefined;
  /** `none`: it was not run, so calling again is safe. `unknown`: it may have been. */
  readonly effect: "none" | "unknown";

  constructor(
    message: string,
    status?: number,
    options: ErrorOptions & { effect?: "none" | "unknown" } = {},
  ) {
    super("TRANSPORT", message, options);
    this.status = status;
    // Who is refused with such a status was not let in.
    const wasRefused = status !== undefined && status >= 400 && status < 500;
    this.effect = options.effect ?? (wasRefused ? "none" : "unknown");
  }

  override get name(): string {
    return "TransportError";
  }
}

/** A reply does not have the form its command promises: a defect. `code` is `PROTOCOL`. */
export class ProtocolError extends EddylineError {
  constructor(message: string) {
    super("PROTOCOL", message);
  }

  override get name(): string {
    return "ProtocolError";
  }
}

/** What is wrong with a value, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A value is not what the stream's schema or codec asks for. `code` is `INVALID`. */
export class ValidationError extends EddylineError {
  /** What the schema found; empty when it is the codec that failed. */
  readonly issues: readonly SchemaIssue[];
  /** The entry that holds the value; `undefined` for one that was to be appended. */
  readonly id: string | undefined;

  constructor(text: string, issues: readonly SchemaIssue[], id?: string, options?: ErrorOptions) {
    super("INVALID", id === undefined ? text : `entry ${id}: ${text}`, options);
    this.issues = issues;
    this.id = id;
  }

  override get name(): string {
    return "ValidationError";
  }
}
