/** A cell of a row in a virtual list. */

import type { ComponentChildren } from "preact";

interface CellProps {
  /** Which column it is in; also what it looks like. */
  readonly column: string;
  readonly title?: string | undefined;
  /** How urgent what it says is. */
  readonly urgency?: number | undefined;
  readonly children?: ComponentChildren;
}

/** The cell. */
export function Cell({ column, title, urgency, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows that stand where they are placed are no table
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, and says which row is current
    <span role="gridcell" class={column} data-column={column} data-urgency={urgency} title={title}>
      {children}
    </span>
  );
}
