/** Where each request of a pipeline belongs. The layout is in worker/src/route.rs. */

const Kind = { keyed: 1, session: 2, refused: 3 } as const;

/** A request within a pipeline, and the object it goes to. */
export interface Route {
  /**
   * `object`: the one called `name`. `door`: answered where it arrived. `session`: answered there
   * too, and shown to every object that takes part. `crossing`: its keys are in several objects.
   * `refused`: it concerns all keys, or a connection.
   */
  target: "object" | "door" | "session" | "crossing" | "refused";
  name: string;
  start: number;
  end: number;
}

/** Reads what the core's `route` found in these requests. */
export function readRoutes(requests: Uint8Array, found: Uint32Array): Route[] {
  const routes: Route[] = [];
  let at = 0;
  while (at < found.length) {
    const [kind, start = 0, end = 0, keys = 0] = found.subarray(at, at + 4);
    at += 4;
    const names = new Set<string>();
    for (let key = 0; key < keys; key++, at += 2) {
      names.add(objectName(requests.subarray(found[at], found[at + 1])));
    }
    const [name = ""] = names;
    routes.push({ target: targetOf(kind, names.size), name, start, end });
  }
  return routes;
}

function targetOf(kind: number | undefined, names: number): Route["target"] {
  switch (kind) {
    case Kind.keyed:
      return names > 1 ? "crossing" : "object";
    case Kind.session:
      return "session";
    case Kind.refused:
      return "refused";
    default:
      return "door";
  }
}

const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * The name of the object that holds a key: what is between the key's first `{` and the next `}`,
 * or the whole key when that is nothing. Bytes that are not printable ASCII are written `%XX`, so
 * that any key has a name, and no two keys the same.
 */
export function objectName(key: Uint8Array): string {
  const open = key.indexOf(OPEN);
  const close = open < 0 ? -1 : key.indexOf(CLOSE, open + 1);
  let name = "";
  for (const byte of close > open + 1 ? key.subarray(open + 1, close) : key) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x25;
    name += isPlain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return name;
}
