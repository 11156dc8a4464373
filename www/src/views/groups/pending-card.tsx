/** What a group has pending: where it is hot, each entry, and what to do with those one picks. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { count, counted, span } from "../../base/format.ts";
import { useLive } from "../../base/live.ts";
import { cellOf, type HeatCell } from "../../groups/heat.ts";
import { MOST_PENDING, PendingList, type PendingView } from "../../groups/pending.ts";
import { Selection } from "../../groups/selection.ts";
import type { PendingSample } from "../../observe/sample.ts";
import { Cell } from "../../parts/cell.tsx";
import { VirtualList } from "../../parts/virtual-list.tsx";
import { EntryPanel } from "../entry-panel.tsx";
import type { GroupProps } from "./group-view.tsx";
import { HeatMap } from "./heat-map.tsx";
import { PendingActions } from "./pending-actions.tsx";

/** Pixels of a row. */
const ROW = 32;
/** A count of deliveries beyond every real one: the entry was given back as one that never works. */
const FATAL_FROM = 2 ** 53;

/** The card. */
export function PendingCard(props: GroupProps) {
  const { db, stream, group } = props;
  const { key } = stream.sample;
  const list = useLive((stop) => new PendingList(db, key, group.name, stop), [db, key, group.name]);
  const selection = useMemo(() => new Selection(), [key, group.name]);
  const cell = useSignal<HeatCell | null>(null);
  const looked = useSignal<string | null>(null);
  const view = list?.view.value ?? null;
  useEffect(() => {
    if (view !== null && selection.ids.value.size > 0)
      selection.keepOnly(new Set(view.entries.map(({ id }) => id)));
  }, [view]);
  const inChosen = useMemo(() => inCell(view?.entries ?? [], cell.value), [view, cell.value]);
  if (list === null || view === null) return null;
  // A cell that has emptied filters no more.
  const listed = inChosen.length === 0 ? view.entries : inChosen;
  return (
    <section class="card pending" aria-labelledby="pending-title">
      <header class="room-head">
        <h3 id="pending-title">Pending</h3>
        <span class="muted">{view.entries.length === 0 ? "nothing" : scopeOf(view)}</span>
        <Reading list={list} total={group.pending} />
        {list.problem.value !== null && <span class="problem">{list.problem.value}</span>}
      </header>
      {view.entries.length > 0 && (
        <div class="pending-body">
          <HeatMap heat={view.heat} chosen={cell.value} onChoose={(next) => (cell.value = next)} />
          <div class="pending-entries" data-panel={looked.value !== null}>
            <PendingActions
              group={props}
              shown={listed}
              selection={selection}
              onDone={() => list.readNow()}
              onLook={(id) => (looked.value = id)}
            />
            <Entries entries={listed} selection={selection} />
          </div>
        </div>
      )}
      {looked.value !== null && (
        <EntryPanel db={db} name={key} id={looked.value} onClose={() => (looked.value = null)} />
      )}
    </section>
  );
}

function inCell(
  entries: readonly PendingSample[],
  cell: HeatCell | null,
): readonly PendingSample[] {
  if (cell === null) return entries;
  return entries.filter((entry) => {
    const { age, deliveries } = cellOf(entry);
    return age === cell.age && deliveries === cell.deliveries;
  });
}

function scopeOf({ counted: all, isAll }: PendingView): string {
  const entries = `${isAll ? "" : "the first "}${counted(all, "entry", "entries")}`;
  return all > MOST_PENDING
    ? `${entries}, of which the first ${count(MOST_PENDING)} are listed`
    : entries;
}

/** How far a long list was read, and whether one wants the rest. */
function Reading({ list, total }: { list: PendingList; total: number }) {
  const reading = list.reading.value;
  if (reading !== null) {
    return (
      <span class="inline">
        <progress value={reading} max={Math.max(total, reading)} aria-label="Read so far" />
        <span class="muted">
          {count(reading)} of {count(total)}
        </span>
        <button type="button" onClick={() => list.enough()}>
          Enough
        </button>
      </span>
    );
  }
  return list.view.value?.isAll === false ? (
    <button type="button" onClick={() => list.readNow()}>
      Read all {count(total)}
    </button>
  ) : null;
}

interface EntriesProps {
  readonly entries: readonly PendingSample[];
  readonly selection: Selection;
}

function Entries({ entries, selection }: EntriesProps) {
  const picked = selection.ids.value;
  return (
    <div class="table pending-table">
      <div class="table-head" aria-hidden="true">
        <span />
        <span>ID</span>
        <span>Consumer</span>
        <span>Delivered</span>
        <span>Times</span>
      </div>
      <VirtualList
        label="Pending entries; Enter picks one"
        count={entries.length}
        rowHeight={ROW}
        keyOf={(index) => entries[index]?.id ?? String(index)}
        isSelected={(index) => picked.has(entries[index]?.id ?? "")}
        onTake={(index) => selection.toggle(entries[index]?.id ?? "")}
        row={(index) => {
          const entry = entries[index];
          return entry === undefined ? null : (
            <PendingRow entry={entry} isPicked={picked.has(entry.id)} />
          );
        }}
      />
    </div>
  );
}

function PendingRow({ entry, isPicked }: { entry: PendingSample; isPicked: boolean }) {
  const { id, consumer, idleMs, deliveries } = entry;
  return (
    <>
      <Cell column="pick">{isPicked ? "☑" : "☐"}</Cell>
      <Cell column="id" title={id}>
        {id}
      </Cell>
      <Cell column="owner" title={consumer}>
        {consumer === "" ? <span class="muted">nobody</span> : consumer}
      </Cell>
      <Cell column="idle">{idleMs < 0 ? "given back" : `${span(idleMs)} ago`}</Cell>
      <Cell column="deliveries">{deliveries >= FATAL_FROM ? "fatal" : count(deliveries)}</Cell>
    </>
  );
}
