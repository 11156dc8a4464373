/** All streams: what needs attention comes first. */

import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ago, bytes, count, counted, idSpan, rate, span } from "../base/format.ts";
import { useConsole } from "../console.ts";
import { noticeOf } from "../observe/attention.ts";
import type { ObservedStream } from "../observe/observer.ts";
import { Cell } from "../parts/cell.tsx";
import { Sparkline } from "../parts/sparkline.tsx";
import { VirtualList } from "../parts/virtual-list.tsx";
import { RoomFrame } from "./room-frame.tsx";
import { COLUMNS, type ColumnName, type Row, type Sorting, sorted } from "./stream-columns.ts";

/** Pixels of a row. */
const ROW = 44;

/** The list of streams. */
export function StreamsRoom() {
  const { observer } = useConsole();
  const search = useSignal("");
  const sorting = useSignal<Sorting>({ column: "attention", isDown: true });
  const rows = useComputed(() => {
    const wanted = search.value.toLowerCase();
    const keys = (observer.keys.value ?? []).filter((key) => key.toLowerCase().includes(wanted));
    const all = keys.map((key): Row => {
      const stream = observer.stream(key);
      return { key, stream, notice: stream === null ? null : noticeOf(stream) };
    });
    return sorted(all, sorting.value);
  });
  const keys = observer.keys.value;
  return (
    <RoomFrame class="room streams-room">
      <header class="room-head">
        <h1>Streams</h1>
        {keys !== null && (
          <span class="muted" data-fact="streams">
            {count(keys.length)}
          </span>
        )}
        <input
          type="search"
          class="search"
          aria-label="Search streams"
          placeholder="Search"
          spellcheck={false}
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
        <OpenStream />
      </header>
      {observer.listProblem.value !== null && (
        <p class="problem" role="alert">
          The keys cannot be listed ({observer.listProblem.value}). A stream can be opened by its
          name.
        </p>
      )}
      <Table
        rows={rows.value}
        sorting={sorting.value}
        onSort={(column) => (sorting.value = turned(sorting.value, column))}
        nothing={<Nothing isKnown={keys !== null} isSearch={search.value !== ""} />}
      />
    </RoomFrame>
  );
}

function turned(before: Sorting, column: ColumnName): Sorting {
  return { column, isDown: before.column === column ? !before.isDown : column !== "name" };
}

function Nothing({ isKnown, isSearch }: { isKnown: boolean; isSearch: boolean }) {
  if (!isKnown) return <p class="empty">Looking…</p>;
  if (isSearch) return <p class="empty">No stream of that name.</p>;
  return <p class="empty">No stream yet. Open one by name and add its first entry.</p>;
}

function OpenStream() {
  const { router } = useConsole();
  const name = useSignal("");
  const open = (event: Event): void => {
    event.preventDefault();
    router.go({ room: "stream", key: name.value, tab: "live" });
  };
  return (
    <form class="inline open-stream" onSubmit={open}>
      <input
        aria-label="Name of a stream"
        placeholder="Stream name"
        required
        spellcheck={false}
        autocomplete="off"
        value={name.value}
        onInput={(event) => (name.value = event.currentTarget.value)}
      />
      <button type="submit">Open</button>
    </form>
  );
}

interface TableProps {
  readonly rows: readonly Row[];
  readonly sorting: Sorting;
  readonly onSort: (column: ColumnName) => void;
  /** What stands there without rows. */
  readonly nothing: ComponentChildren;
}

function Table({ rows, sorting, onSort, nothing }: TableProps) {
  const { observer, router } = useConsole();
  const view = useSignal<readonly string[]>([]);
  const names = view.value.join("\n");
  useEffect(() => observer.want(view.value), [names]);
  const open = (index: number): void => {
    const row = rows[index];
    if (row !== undefined) router.go({ room: "stream", key: row.key, tab: "live" });
  };
  return (
    <div class="table streams-table">
      <div class="table-head">
        {COLUMNS.map(({ name, title, hint }) => (
          <button
            key={name}
            type="button"
            class="plain"
            data-column={name}
            data-sorted={sorting.column === name ? (sorting.isDown ? "down" : "up") : undefined}
            title={hint}
            onClick={() => onSort(name)}
          >
            {title}
          </button>
        ))}
      </div>
      {rows.length === 0 && nothing}
      <VirtualList
        label="Streams"
        count={rows.length}
        rowHeight={ROW}
        keyOf={(index) => rows[index]?.key ?? String(index)}
        onTake={open}
        onView={(first, last) => {
          view.value = rows.slice(first, last + 1).map(({ key }) => key);
        }}
        row={(index) => {
          const row = rows[index];
          return row === undefined ? null : <Cells row={row} />;
        }}
      />
    </div>
  );
}

function Cells({ row: { key, stream, notice } }: { row: Row }) {
  return (
    <>
      <Cell column="name" title={key}>
        {key}
      </Cell>
      <Cell column="attention" urgency={notice?.urgency} title={notice?.text}>
        {notice?.text}
      </Cell>
      {stream === null ? <Cell column="length">…</Cell> : <Figures stream={stream} />}
    </>
  );
}

function Figures({ stream }: { stream: ObservedStream }) {
  const { sample, inPerSecond, outPerSecond, worstLag, oldestPendingMs } = stream;
  return (
    <>
      <Cell column="length" title={counted(sample.length, "entry", "entries")}>
        {count(sample.length)}
      </Cell>
      <Cell column="bytes">{sample.bytes === null ? "–" : bytes(sample.bytes)}</Cell>
      <Cell column="in">
        <Sparkline values={stream.series.values("in")} /> {rate(inPerSecond)}
      </Cell>
      <Cell column="out">{rate(outPerSecond)}</Cell>
      <Cell column="oldest" title={sample.firstId ?? ""}>
        {sample.firstId === null ? "–" : idSpan(sample.firstId)}
      </Cell>
      <Cell column="newest" title={sample.lastId ?? ""}>
        {sample.lastId === null ? "–" : idSpan(sample.lastId)}
      </Cell>
      <Cell column="groups">{sample.groups.length === 0 ? "–" : count(sample.groups.length)}</Cell>
      <Cell column="lag">{worstLag === null ? "–" : count(worstLag)}</Cell>
      <Cell column="pending" title={oldestPendingMs === null ? "" : ago(oldestPendingMs)}>
        {oldestPendingMs === null ? "–" : span(oldestPendingMs)}
      </Cell>
    </>
  );
}
