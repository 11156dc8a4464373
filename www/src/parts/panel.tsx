/** What stands beside a list: one thing of it in full. Escape closes it. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface PanelProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** The panel. */
export function Panel({ title, onClose, children }: PanelProps) {
  const id = useId();
  return (
    <aside
      class="panel"
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain icon" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </aside>
  );
}
