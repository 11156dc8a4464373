/** What an object asked of SQLite since it was last asked about it. */
export interface Counts {
  statements: number;
  rowsRead: number;
  rowsWritten: number;
  /** Times that an alarm was set, each a row written. */
  alarms: number;
}
