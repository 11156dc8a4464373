/** The objects of a namespace, by their names. */

import { type Jurisdiction, type Placement, placementOf } from "./placement.ts";

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

  /** The object of keys of this name, which need not exist yet. */
  object(name: string): DurableObjectStub {
    const { locationHint, jurisdiction } = placementOf(name, this.#placements) ?? {};
    const namespace = jurisdiction === undefined ? this.#namespace : this.#within(jurisdiction);
    const id = namespace.idFromName(name);
    return namespace.get(id, locationHint === undefined ? {} : { locationHint });
  }

  #within(jurisdiction: Jurisdiction): Objects {
    try {
      return this.#namespace.jurisdiction!(jurisdiction);
    } catch (error) {
      // A developer's machine is no jurisdiction, and the runtime there says so.
      if (!/not implemented in workerd/.test(String(error))) throw error;
      return this.#namespace;
    }
  }

  /** An object that is for all keys: no rule is for it, so that every object finds the same. */
  common(name: string): DurableObjectStub {
    return this.#namespace.get(this.#namespace.idFromName(name));
  }
}
