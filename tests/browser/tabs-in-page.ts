/**
 * Runs in tabs and in workers of the browser: one database, opened by all. Bundled by `tabs.test.ts`
 * and `tabs-crash.test.ts`; the bundle is also the script of the workers.
 */

import { openDB } from "idb";
import { Eddyline, type OpenOptions } from "../../pkg/src/entry/browser.ts";
import { streamScenario } from "../stream-scenario.ts";

/** What is told while it runs. It has left the page when the promise resolves. */
export type Tell = (line: string) => Promise<void>;

/** Opens the database that all share. */
export function open(name: string, options: OpenOptions = {}): Promise<Eddyline> {
  return Eddyline.open(`idb://${name}`, options);
}

/** Goes through what streams of values do. */
export function scenario(db: Eddyline): Promise<void> {
  return streamScenario(db, "jobs");
}

/** Copies a database, which is closed, into one as the version before tabs made them. */
export async function copyAsVersion1(name: string, copy: string): Promise<void> {
  const stores = ["blob", "journal"];
  const from = await openDB(`eddyline/${name}`);
  const to = await openDB(`eddyline/${copy}`, 1, {
    upgrade: (database) => {
      for (const store of stores) database.createObjectStore(store);
    },
  });
  for (const store of stores) {
    for (const key of await from.getAllKeys(store))
      await to.put(store, await from.get(store, key), key);
  }
  from.close();
  to.close();
}

/** Work on a database, as those who began it see it. */
export interface Driver {
  isLeader(): Promise<boolean>;
  /** Ends when everything under way is answered. */
  stop(): Promise<void>;
  close(): Promise<void>;
  /** Ends at once, as by a crash. */
  die(): Promise<void>;
}

/** Where the work is done. */
export type Place = "page" | "Worker" | "SharedWorker";

/** Begins to work on a database. */
export async function begin(
  place: Place,
  database: string,
  name: string,
  tell: Tell,
): Promise<Driver> {
  if (place === "page") return await Work.begin(database, name, tell);
  const script = new URL(import.meta.url);
  const options = { type: "module", name: JSON.stringify([database, name]) } as const;
  const port =
    place === "Worker" ? new Worker(script, options) : new SharedWorker(script, options).port;
  return await driverOf(port, tell);
}

/**
 * Appends, reads as a member of a group and waits, all at once and on and on, until it is told to
 * stop, or gone. Lines: `A` and what was appended; `R` and what was read and acknowledged. What is
 * appended is numbered by lane.
 */
class Work implements Driver {
  readonly #db: Eddyline;
  readonly #name: string;
  readonly #tell: Tell;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  static async begin(database: string, name: string, tell: Tell): Promise<Work> {
    return new Work(await open(database), name, tell);
  }

  private constructor(db: Eddyline, name: string, tell: Tell) {
    this.#db = db;
    this.#name = name;
    this.#tell = tell;
    this.#running = Promise.all([this.#append(), this.#appendTogether(), this.#consume()]);
  }

  async isLeader(): Promise<boolean> {
    return this.#db.isLeader;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  async die(): Promise<void> {
    globalThis.close();
  }

  /** One entry after the other. */
  async #append(): Promise<void> {
    const lane = `${this.#name}-one`;
    for (let n = 1; !this.#stop.signal.aborted; n++) {
      const value = `${lane}-${n}`;
      await this.#db.xAdd("log", "*", { lane, n: `${n}`, value });
      await this.#tell(`A${value}`);
      await pause();
    }
  }

  /** Several at once, one of them in a transaction. */
  async #appendTogether(): Promise<void> {
    const lane = `${this.#name}-many`;
    const message = (at: number) => ({ lane, n: `${at}`, value: `${lane}-${at}` });
    for (let n = 1; !this.#stop.signal.aborted; n += 4) {
      const told = (at: number) => () => this.#tell(`A${lane}-${at}`);
      const append = (at: number) => this.#db.xAdd("log", "*", message(at)).then(told(at));
      const transaction = this.#db
        .multi()
        .incr("sum")
        .xAdd("log", "*", message(n + 1));
      await Promise.all([
        append(n),
        transaction.exec().then(told(n + 1)),
        append(n + 2),
        append(n + 3),
      ]);
      await pause();
    }
  }

  /** What the group is given, acknowledged entry by entry. */
  async #consume(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const reads = await this.#db
        .xReadGroup("all", this.#name, { key: "log", id: ">" }, { COUNT: 5, BLOCK: 0, signal })
        .catch((error: unknown) => {
          if (signal.aborted) return null;
          throw error;
        });
      for (const { id, message } of reads?.[0]?.messages ?? []) {
        const acknowledged = await this.#db.xAck("log", "all", id);
        await this.#tell(`R${acknowledged} ${message["value"]}`);
      }
    }
  }
}

/** What is told goes through the browser's own process, which is not to be what is measured. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** What a page and its worker send each other: a line and its receipt, or a call and its answer. */
type Mail =
  | { kind: "line" | "call" | "answer"; number: number; text: string }
  | { kind: "receipt"; number: number };

type Port = Worker | MessagePort | DedicatedWorkerGlobalScopeLike;

interface DedicatedWorkerGlobalScopeLike {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => unknown) | null;
}

/** The page's side. */
async function driverOf(port: Port, tell: Tell): Promise<Driver> {
  const answers = new Map<number, (text: string) => void>();
  let last = 0;
  const call = (text: string) =>
    new Promise<string>((resolve) => {
      answers.set(++last, resolve);
      port.postMessage({ kind: "call", number: last, text });
    });
  port.onmessage = async ({ data }: MessageEvent<Mail>) => {
    if (data.kind === "line") {
      await tell(data.text);
      port.postMessage({ kind: "receipt", number: data.number });
    } else if (data.kind === "answer") answers.get(data.number)?.(data.text);
  };
  await call("begun");
  return {
    isLeader: async () => (await call("isLeader")) === "true",
    stop: async () => void (await call("stop")),
    close: async () => void (await call("close")),
    die: async () => void call("die"),
  };
}

/** The worker's side. */
function serve(port: Port, database: string, name: string): void {
  const receipts = new Map<number, () => void>();
  let last = 0;
  const tell: Tell = (text) =>
    new Promise((resolve) => {
      receipts.set(++last, resolve);
      port.postMessage({ kind: "line", number: last, text });
    });
  const work = Work.begin(database, name, tell);
  port.onmessage = async ({ data }: MessageEvent<Mail>) => {
    if (data.kind === "receipt") {
      receipts.get(data.number)?.();
      receipts.delete(data.number);
    } else if (data.kind === "call") {
      const driver = await work;
      const text = data.text === "begun" ? "" : String(await driver[data.text as keyof Driver]());
      port.postMessage({ kind: "answer", number: data.number, text });
    }
  };
}

if (!("document" in globalThis)) {
  const scope = globalThis as unknown as DedicatedWorkerGlobalScopeLike & {
    name: string;
    onconnect?: (event: MessageEvent) => void;
  };
  const [database, name] = JSON.parse(scope.name) as [string, string];
  if ("onconnect" in scope)
    scope.onconnect = ({ ports: [port] }) => {
      if (port !== undefined) serve(port, database, name);
    };
  else serve(scope, database, name);
}
