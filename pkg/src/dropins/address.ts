/** Which keyspace stands in for which server: clients of one address share it. */

/** The keyspace in place of a server. This machine has one name here. */
export function serverAddress(path: string | undefined, host: string, port: number): string {
  if (path !== undefined) return `memory://unix${path}`;
  const isLocal = host === "localhost" || host === "::1" || host === "0.0.0.0";
  return `memory://${isLocal ? "127.0.0.1" : host}:${port}`;
}

/** Whether an address names a keyspace itself: `memory://…`, `file:…`, `https://…`. */
export function isKeyspaceAddress(address: string): boolean {
  return /^(memory|file|idb|https?):/i.test(address);
}
