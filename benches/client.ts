/** What the workloads ask of a client, whoever it is. */

/** Fields of an entry. */
export type Fields = Record<string, string>;

/** An entry as an object. */
export interface BenchEntry {
  readonly id: string;
  readonly message: Fields;
}

/** A client. */
export interface BenchClient {
  add(key: string, fields: Fields): Promise<string>;
  /** Appends several in the one call that the client has for it; their IDs. */
  addMany(key: string, rows: readonly Fields[]): Promise<readonly string[]>;
  /** All entries, oldest first. */
  range(key: string): Promise<readonly BenchEntry[]>;
  length(key: string): Promise<number>;
  createGroup(key: string): Promise<void>;
  /** Reads new entries for the consumer; their IDs. */
  read(key: string, count: number): Promise<string[]>;
  ack(key: string, ids: string[]): Promise<number>;
  pending(key: string): Promise<number>;
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A client, and where its engine runs. */
export interface BenchEngine {
  name: string;
  version: string;
  where: string;
  hasGroups: boolean;
  /** Whether it does what it says; what it gives is looked at only then. */
  isReal: boolean;
  /** @param port of the local redis-server */
  open(port: number): Promise<BenchClient>;
}
