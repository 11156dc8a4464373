/**
 * Where objects are made: near whom, and under which jurisdiction, by how their names begin. An
 * object's name is the `{hash tag}` of its keys, or the key.
 */

/** Where the platform can be asked to make an object. */
export type LocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

/** Where the platform can be told to keep an object's data. */
export type Jurisdiction = "eu" | "fedramp";

/** A rule of the Worker's variable `EDDYLINE_PLACEMENT`, a JSON array; the first that fits holds. */
export interface Placement {
  /** How the names begin that it is for; empty: all. */
  prefix: string;
  /** Where to make an object that is not there yet. A wish, which holds for its whole life. */
  locationHint?: LocationHint;
  /**
   * Where its data has to stay. It makes it another object: a rule that is changed later leaves the
   * old objects behind. The index of keys lists their names elsewhere.
   */
  jurisdiction?: Jurisdiction;
}

/** The rule for an object of this name; `undefined`: there is none. */
export function placementOf(name: string, placements: readonly Placement[]): Placement | undefined {
  return placements.find(({ prefix }) => name.startsWith(prefix));
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
