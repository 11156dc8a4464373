/** The strip at the bottom: the command behind the last action, and those before it. */

import { useSignal } from "@preact/signals";
import { span } from "../base/format.ts";
import type { Done } from "../commands/log.ts";
import { useConsole } from "../console.ts";

/** Commands that are shown when the strip is open. */
const SHOWN = 50;

/** The strip. */
export function Dock() {
  const { commands } = useConsole();
  const isOpen = useSignal(false);
  const done = commands.done.value;
  const last = done[0];
  return (
    <footer class="dock" data-open={isOpen.value}>
      <button
        type="button"
        class="dock-toggle"
        aria-expanded={isOpen.value}
        aria-controls="commands"
        disabled={last === undefined}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <span class="hidden">Commands</span>
        <span class="prompt" aria-hidden="true">
          ›
        </span>
        {last === undefined ? (
          <span class="muted">The command behind each action shows up here</span>
        ) : (
          <Line done={last} />
        )}
      </button>
      {isOpen.value && (
        <ol id="commands" class="commands" aria-label="Commands, the last one first">
          {done.slice(0, SHOWN).map((one) => (
            <li key={one.number}>
              <Line done={one} />
            </li>
          ))}
        </ol>
      )}
    </footer>
  );
}

function Line({ done }: { done: Done }) {
  const { outcome } = done;
  return (
    <span class="command" data-state={outcome.state}>
      <code class="command-text">{done.text}</code>
      <span class="command-outcome">{outcomeText(done)}</span>
    </span>
  );
}

function outcomeText({ outcome }: Done): string {
  switch (outcome.state) {
    case "running":
      return "…";
    case "refused":
      return outcome.problem;
    case "listening":
    case "stopped":
      return outcome.state;
    case "answered": {
      const { reply, tookMs } = outcome;
      const isShort = typeof reply === "string" || typeof reply === "number";
      return isShort
        ? `${String(reply).slice(0, 60)} · ${span(tookMs)}`
        : tookMs === 0
          ? ""
          : span(tookMs);
    }
  }
}
