/** What a client sees of everything, as text that two openings can be compared by. */

import { LocalTransport } from "../../pkg/src/local.ts";
import { type Argument, type ReadReply, readBytes } from "../../pkg/src/resp.ts";
import { SqliteStorage } from "../../pkg/src/storage/sqlite.ts";
import { START_MS } from "./history.ts";

/** Any reply. */
export const readAny: ReadReply<unknown> = (reader) => reader.value(readBytes);

/** What a folder holds, always asked at the same time. */
export async function stateIn(folder: string): Promise<string> {
  const storage = await SqliteStorage.open(`file:${folder}`);
  const transport = await LocalTransport.open(storage, { now: () => START_MS + 10_000 });
  const state = await stateOf(transport);
  await transport.close();
  return state;
}

type Value = Uint8Array | number | null | object;

/** All keys of all databases: what they hold, their counters, groups and pending entries. */
async function stateOf(transport: LocalTransport): Promise<string> {
  const ask = (...argv: Argument[]): Promise<Value> => transport.send(argv, readAny) as never;
  const lines: string[] = [];
  for (let database = 0; database < 16; database++) {
    await ask("SELECT", `${database}`);
    const keys = ((await ask("KEYS", "*")) as Uint8Array[]).map(textOf).sort();
    for (const key of keys) {
      const type = textOf((await ask("TYPE", key)) as Uint8Array);
      lines.push(`${database} ${key}: ${type}, expires ${await ask("PEXPIRETIME", key)}`);
      if (type === "stream") {
        for (const entry of (await ask("XRANGE", key, "-", "+")) as Value[])
          lines.push(inText(entry));
        lines.push(inText(await ask("XINFO", "STREAM", key, "FULL", "COUNT", "0")));
      } else lines.push(inText(await ask("DUMP", key)));
    }
  }
  return `${lines.join("\n")}\n`;
}

function textOf(value: Uint8Array | string): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}

/** A value as text; of a long one its length and its beginning. */
function inText(value: unknown): string {
  if (value instanceof Uint8Array) {
    const text = JSON.stringify(Buffer.from(value).toString("latin1"));
    return text.length < 200 ? text : `${value.byteLength} bytes ${text.slice(0, 40)}`;
  }
  if (Array.isArray(value)) return `[${value.map(inText).join(", ")}]`;
  if (value instanceof Map || (typeof value === "object" && value !== null)) {
    const fields = value instanceof Map ? [...value] : Object.entries(value);
    return `{${fields.map(([name, field]) => `${inText(name)}: ${inText(field)}`).join(", ")}}`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
