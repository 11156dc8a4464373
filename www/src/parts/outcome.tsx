/** What came of an action, in a line that screen readers speak. */

import type { Signal } from "@preact/signals";

/** What came of it; `null`: nothing was tried yet. */
export type Outcome = { readonly done: string } | { readonly problem: string } | null;

/** The line. */
export function OutcomeLine({ outcome }: { readonly outcome: Signal<Outcome> }) {
  const { value } = outcome;
  return (
    <p class="outcome" role="status">
      {value !== null && "done" in value && value.done}
      {value !== null && "problem" in value && <span class="problem">{value.problem}</span>}
    </p>
  );
}
