/** The conversations leave out no stream method that a client has. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { Redis } from "ioredis";
import { Redis as Valkey } from "iovalkey";
import { createClient } from "redis";

const CLIENTS = {
  "node-redis": { client: createClient(), named: /^x[A-Z]/, file: "node-redis.test.ts" },
  ioredis: { client: new Redis({ lazyConnect: true }), named: /^x/, file: "ioredis.test.ts" },
  iovalkey: { client: new Valkey({ lazyConnect: true }), named: /^x/, file: "ioredis.test.ts" },
};
/** What no test calls, with the reason. */
const LEFT_OUT = new Set([
  // Redis 8.2 has no such commands to compare with; their plain methods are called.
  ...["xcfgsetBuffer", "xidmprecordBuffer", "xnackBuffer"],
]);

for (const [name, { client, named, file }] of Object.entries(CLIENTS)) {
  it(`${name} is called by every stream method it has`, () => {
    const source = readFileSync(new URL(file, import.meta.url), "utf8");
    const methods = methodsOf(client).filter((method) => named.test(method));
    assert.ok(methods.length > 20, `it has ${methods.length} stream methods`);
    const uncalled = methods.filter((method) => !LEFT_OUT.has(method) && !isCalled(source, method));
    assert.deepEqual(uncalled, []);
  });
}

/** By name, or through a list of names; a Buffer variant through the list of its plain names. */
function isCalled(source: string, method: string): boolean {
  const plain = method.replace(/Buffer$/, "");
  const inList = source.includes(`["${plain}",`);
  if (method !== plain) return inList || source.includes(`.${method}(`);
  return source.includes(`.${method}(`) || source.includes(`method(redis, "${method}",`);
}

function methodsOf(client: object): string[] {
  const names = new Set<string>();
  for (let at: object = client; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names].sort();
}
