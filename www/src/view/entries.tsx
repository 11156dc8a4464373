/** The newest entries of a stream, newest first, as they arrive. */

import { useSignal } from "@preact/signals";
import { timeOf } from "../format.ts";
import { type Entry, SHOWN, type Tail } from "../tail.ts";

/** The live list. */
export function Entries({ tail }: { tail: Tail }) {
  /** What is shown while the list is held; `null` while it runs. */
  const held = useSignal<readonly Entry[] | null>(null);
  const entries = held.value ?? tail.entries.value;
  const length = tail.length.value;
  return (
    <section class="card entries" aria-labelledby="entries-title">
      <header>
        <h2 id="entries-title">Entries</h2>
        <span class="live" data-live={held.value === null}>
          {held.value === null ? "Live" : "Held"}
        </span>
        <button
          type="button"
          aria-pressed={held.value !== null}
          onClick={() => (held.value = held.value === null ? tail.entries.value : null)}
        >
          {held.value === null ? "Hold" : "Follow"}
        </button>
      </header>
      {tail.problem.value !== null && (
        <p class="problem" role="alert">
          {tail.problem.value}
        </p>
      )}
      {entries.length === 0 ? (
        <p class="empty">Nothing here yet. The next entry shows up by itself.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keys
        <ol class="tail" tabIndex={0} aria-label="Newest entries">
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {length > SHOWN && <p class="foot muted">The newest {SHOWN} are shown.</p>}
    </section>
  );
}

/** Everything an entry holds is shown as text, whatever it looks like. */
function Row({ entry }: { entry: Entry }) {
  const time = timeOf(entry.id);
  return (
    <li class="entry">
      <p class="entry-head">
        <code class="id">{entry.id}</code>
        {time !== null && <span class="muted">{time}</span>}
      </p>
      <dl class="fields">
        {Object.entries(entry.message).map(([field, value]) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}
