/** A stream from its first entry to its last, by scrolling, by time and by ID. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { idOfTime, msOf } from "../base/entry-id.ts";
import { timeOf } from "../base/format.ts";
import { useLive } from "../base/live.ts";
import { useConsole } from "../console.ts";
import { History } from "../entries/history.ts";
import { ProblemLine } from "../parts/problem.tsx";
import { VirtualList } from "../parts/virtual-list.tsx";
import { EntryPanel } from "./entry-panel.tsx";
import { ENTRY_ROW, EntryRow } from "./entry-row.tsx";
import type { TabProps } from "./stream-room.tsx";

/** The tab. */
export function HistoryTab({ db, name, route }: TabProps) {
  const { commands } = useConsole();
  const history = useLive((stop) => new History(db, name, stop), [db, name]);
  const chosen = useSignal<string | null>(null);
  const seek = (id: string): void => {
    commands.note(["XRANGE", name, id === "+" ? "-" : id, "+", "COUNT", "200"]);
    void history?.seek(id);
  };
  useEffect(() => void history?.seek(route.at ?? "-"), [history, route.at]);
  if (history === null) return null;
  return (
    <div class="split" data-panel={chosen.value !== null}>
      <section class="entries" aria-label="History">
        <Seek name={name} topId={history.topId.value} onSeek={seek} />
        <ProblemLine problem={history.problem.value} />
        <Entries history={history} chosen={chosen.value} onTake={(id) => (chosen.value = id)} />
      </section>
      {chosen.value !== null && (
        <EntryPanel
          db={db}
          name={name}
          id={chosen.value}
          onClose={() => (chosen.value = null)}
          onDelete={() => {
            history.drop(chosen.value ?? "");
            chosen.value = null;
          }}
        />
      )}
    </div>
  );
}

/** Steps of the slider over the stream's time. */
const STEPS = 1000;

interface SeekProps {
  readonly name: string;
  /** The entry at the top of the view. */
  readonly topId: string | null;
  readonly onSeek: (id: string) => void;
}

function Seek({ name, topId, onSeek }: SeekProps) {
  const { observer } = useConsole();
  const id = useSignal("");
  const sample = observer.stream(name)?.sample ?? null;
  const [first, last] = [sample?.firstId ?? null, sample?.lastId ?? null];
  return (
    <div class="tools">
      <button type="button" onClick={() => onSeek("-")}>
        First
      </button>
      <button type="button" onClick={() => onSeek("+")}>
        Last
      </button>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          onSeek(id.value);
        }}
      >
        <input
          aria-label="Go to an ID"
          placeholder="ID"
          required
          pattern="\d+(-\d+)?"
          title="ms-seq, or milliseconds alone"
          spellcheck={false}
          value={id.value}
          onInput={(event) => (id.value = event.currentTarget.value)}
        />
        <button type="submit">Go</button>
      </form>
      <input
        type="datetime-local"
        step="1"
        aria-label="Go to a time"
        onChange={(event) => {
          const ms = new Date(event.currentTarget.value).getTime();
          if (!Number.isNaN(ms)) onSeek(idOfTime(ms));
        }}
      />
      {first !== null && last !== null && first !== last && (
        <Slider first={msOf(first)} last={msOf(last)} top={msOf(topId ?? first)} onSeek={onSeek} />
      )}
    </div>
  );
}

interface SliderProps {
  readonly first: number;
  readonly last: number;
  /** What is in view. */
  readonly top: number;
  readonly onSeek: (id: string) => void;
}

/** From the stream's first moment to its last. */
function Slider({ first, last, top, onSeek }: SliderProps) {
  /** While it is being moved. */
  const moved = useSignal<number | null>(null);
  const msAt = (step: number): number => Math.round(first + ((last - first) * step) / STEPS);
  const ms = moved.value === null ? top : msAt(moved.value);
  const label = timeOf(`${ms}-0`) ?? String(ms);
  return (
    <label class="slider">
      <span class="hidden">Place in time</span>
      <input
        type="range"
        min={0}
        max={STEPS}
        value={moved.value ?? Math.round(((top - first) * STEPS) / (last - first))}
        aria-valuetext={label}
        onInput={(event) => (moved.value = Number(event.currentTarget.value))}
        onChange={(event) => {
          const to = Number(event.currentTarget.value);
          moved.value = null;
          onSeek(to === STEPS ? "+" : idOfTime(msAt(to)));
        }}
      />
      <output>{label}</output>
    </label>
  );
}

interface EntriesProps {
  readonly history: History;
  readonly chosen: string | null;
  readonly onTake: (id: string) => void;
}

function Entries({ history, chosen, onTake }: EntriesProps) {
  const { entries, before, hasFirst, hasLast, start, seeks } = history.view.value;
  if (entries.length === 0 && history.isReading.value) return <p class="empty">Reading…</p>;
  if (entries.length === 0) return <p class="empty">There is nothing here.</p>;
  return (
    <>
      <VirtualList
        key={seeks}
        label="Entries"
        count={entries.length}
        rowHeight={ENTRY_ROW}
        before={before}
        start={start}
        keyOf={(index) => entries[index]?.id ?? String(index)}
        isSelected={(index) => entries[index]?.id === chosen}
        onTake={(index) => onTake(entries[index]?.id ?? "")}
        onView={(first, last) => history.lookedAt(first, last)}
        row={(index) => {
          const entry = entries[index];
          return entry === undefined ? null : <EntryRow entry={entry} />;
        }}
      />
      <p class="foot muted" role="status">
        {history.isReading.value ? "Reading…" : ends(hasFirst, hasLast)}
      </p>
    </>
  );
}

function ends(hasFirst: boolean, hasLast: boolean): string {
  if (hasFirst && hasLast) return "All of the stream is here.";
  if (hasLast) return "The end of the stream. Scroll up for what was before.";
  return "Scroll on: more is read when it is wanted.";
}
