/**
 * Where objects are made: near whom, and under which jurisdiction, by how their names begin. An
 * object's name is the `{hash tag}` of its keys, or the key.
 */

/** A rule of the Worker's variable `EDDYLINE_PLACEMENT`, a JSON array; the first that fits holds. */
export interface Placement {
  /** How the names begin that it is for; empty: all. */
  prefix: string;
  /** Where to make an object that is not there yet. A wish, which holds for its whole life. */
  locationHint?: DurableObjectLocationHint;
  /**
   * Where its data has to stay. It makes it another object: a rule that is changed later leaves the
   * old objects behind. The index of keys knows the names of its keys, wherever that lies.
   */
  jurisdiction?: DurableObjectJurisdiction;
}

/** What of a namespace is needed to reach its objects. */
export type Objects = Pick<DurableObjectNamespace, "get" | "idFromName"> &
  Partial<Pick<DurableObjectNamespace, "jurisdiction">>;

/** Finds objects by their names. */
export class Places {
  readonly #namespace: Objects;
  readonly #placements: readonly Placement[];

  constructor(namespace: Objects, placements: readonly Placement[] = []) {
    this.#namespace = namespace;
    this.#placements = placements;
  }

  /** The object of this name, which need not exist yet. */
  object(name: string): DurableObjectStub {
    const { locationHint, jurisdiction } =
      this.#placements.find(({ prefix }) => name.startsWith(prefix)) ?? {};
    const namespace =
      jurisdiction === undefined ? this.#namespace : this.#namespace.jurisdiction!(jurisdiction);
    const id = namespace.idFromName(name);
    return namespace.get(id, locationHint === undefined ? {} : { locationHint });
  }
}

/** Reads the variable. @throws TypeError when it is not what it should be */
export function readPlacements(text: string | undefined): Placement[] {
  if (text === undefined || text === "") return [];
  const rules: unknown = JSON.parse(text);
  if (!Array.isArray(rules) || !rules.every(isPlacement)) {
    throw new TypeError(
      'EDDYLINE_PLACEMENT must be a JSON array of {"prefix": …, "locationHint": …, "jurisdiction": …}',
    );
  }
  return rules;
}

function isPlacement(rule: unknown): rule is Placement {
  if (typeof rule !== "object" || rule === null) return false;
  return (
    "prefix" in rule &&
    Object.entries(rule).every(
      ([name, value]) =>
        ["prefix", "locationHint", "jurisdiction"].includes(name) && typeof value === "string",
    )
  );
}
