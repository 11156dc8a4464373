/** A stream's entries as they arrive. */

import { useSignal } from "@preact/signals";
import { count, counted } from "../base/format.ts";
import { useLive } from "../base/live.ts";
import { KEPT, Tail } from "../entries/tail.ts";
import { ProblemLine } from "../parts/problem.tsx";
import { VirtualList } from "../parts/virtual-list.tsx";
import { AddEntry } from "./add-entry.tsx";
import { EntryPanel } from "./entry-panel.tsx";
import { ENTRY_ROW, EntryRow } from "./entry-row.tsx";
import type { TabProps } from "./stream-room.tsx";

/** The tab. */
export function LiveTab({ db, name }: TabProps) {
  const tail = useLive((stop) => new Tail(db, name, stop), [db, name]);
  const chosen = useSignal<string | null>(null);
  const isAdding = useSignal(false);
  const newestFirst = useSignal(true);
  if (tail === null) return null;
  return (
    <div class="split" data-panel={chosen.value !== null || isAdding.value}>
      <section class="entries" aria-label="Newest entries">
        <div class="tools">
          <button
            type="button"
            aria-pressed={tail.isHeld.value}
            onClick={() => (tail.isHeld.value = !tail.isHeld.value)}
          >
            {tail.isHeld.value ? "Follow" : "Hold"}
          </button>
          <State tail={tail} />
          <input
            type="search"
            class="search"
            aria-label="Filter entries"
            placeholder="Filter: word, field:word, field=value, !not"
            spellcheck={false}
            value={tail.filterText.value}
            onInput={(event) => (tail.filterText.value = event.currentTarget.value)}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={newestFirst.value}
              onChange={(event) => (newestFirst.value = event.currentTarget.checked)}
            />
            Newest first
          </label>
          <button type="button" class="primary" onClick={() => (isAdding.value = !isAdding.value)}>
            Add an entry
          </button>
        </div>
        <ProblemLine problem={tail.problem.value} />
        <Entries
          tail={tail}
          newestFirst={newestFirst.value}
          chosen={chosen.value}
          onTake={(id) => {
            isAdding.value = false;
            chosen.value = id;
          }}
        />
      </section>
      {isAdding.value && <AddEntry name={name} onClose={() => (isAdding.value = false)} />}
      {!isAdding.value && chosen.value !== null && (
        <EntryPanel db={db} name={name} id={chosen.value} onClose={() => (chosen.value = null)} />
      )}
    </div>
  );
}

function State({ tail }: { tail: Tail }) {
  if (!tail.isHeld.value) {
    return (
      <span class="live" data-live="true">
        Live
      </span>
    );
  }
  const waiting = tail.arrivedHeld.value;
  return (
    <span class="live" data-live="false">
      Held{waiting > 0 && `, ${count(waiting)} more`}
    </span>
  );
}

interface EntriesProps {
  readonly tail: Tail;
  readonly newestFirst: boolean;
  readonly chosen: string | null;
  readonly onTake: (id: string) => void;
}

function Entries({ tail, newestFirst, chosen, onTake }: EntriesProps) {
  const { entries, total } = tail.view.value;
  if (entries.length === 0) {
    const isFiltered = tail.filterText.value !== "";
    return (
      <p class="empty">
        {isFiltered
          ? "Nothing that fits yet."
          : "Nothing here yet. The next entry shows up by itself."}
      </p>
    );
  }
  const at = (index: number) => entries[newestFirst ? entries.length - 1 - index : index];
  return (
    <>
      <VirtualList
        label="Entries"
        count={entries.length}
        rowHeight={ENTRY_ROW}
        keyOf={(index) => at(index)?.id ?? String(index)}
        before={newestFirst ? total : entries.length - total}
        followsTop={newestFirst}
        followsEnd={!newestFirst}
        isSelected={(index) => chosen !== null && at(index)?.id === chosen}
        onTake={(index) => onTake(at(index)?.id ?? "")}
        row={(index) => {
          const entry = at(index);
          return entry === undefined ? null : <EntryRow entry={entry} />;
        }}
      />
      <p class="foot muted">
        {counted(entries.length, "entry", "entries")} shown
        {entries.length >= KEPT && ", the newest that are kept here"}
      </p>
    </>
  );
}
