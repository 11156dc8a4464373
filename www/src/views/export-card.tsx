/** Exports a stream as a file. */

import { useSignal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { useEffect, useRef } from "preact/hooks";
import { bytes, counted, problemOf } from "../base/format.ts";
import { exportStream, FORMATS, type Format, save } from "../entries/export.ts";

const WORDS: Readonly<Record<Format, string>> = {
  eddyline: "all of it, groups too, for another Eddyline",
  ndjson: "entries, a line of JSON each",
  csv: "entries, a line for each field",
};

/** The card. */
export function ExportCard({ db, name }: { db: Eddyline; name: string }) {
  const format = useSignal<Format>("ndjson");
  const start = useSignal("-");
  const end = useSignal("+");
  const status = useSignal("");
  const running = useRef<AbortController | null>(null);
  const isRunning = useSignal(false);
  useEffect(() => () => running.current?.abort(), []);
  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    const stop = new AbortController();
    running.current = stop;
    isRunning.value = true;
    try {
      const wish = { format: format.value, start: start.value, end: end.value };
      const file = await exportStream(db, name, wish, stop.signal, (done) => {
        const entries = done.entries > 0 ? `${counted(done.entries, "entry", "entries")}, ` : "";
        status.value = `${entries}${bytes(done.bytes)}`;
      });
      save(file, `${name.replaceAll(/[^\w.-]+/g, "_")}.${format.value}`);
      status.value = `Saved: ${status.value || bytes(0)}.`;
    } catch (error) {
      status.value = stop.signal.aborted ? "Cancelled." : problemOf(error);
    }
    isRunning.value = false;
  };
  return (
    <section class="card" aria-labelledby="export-title">
      <h2 id="export-title">Export</h2>
      <form class="stack" onSubmit={(event) => void run(event)}>
        <label>
          As
          <select
            value={format.value}
            onChange={(event) => (format.value = event.currentTarget.value as Format)}
          >
            {FORMATS.map((one) => (
              <option key={one} value={one}>
                {one}: {WORDS[one]}
              </option>
            ))}
          </select>
        </label>
        {format.value !== "eddyline" && (
          <div class="inline">
            <Bound label="From" value={start.value} onInput={(text) => (start.value = text)} />
            <Bound label="To" value={end.value} onInput={(text) => (end.value = text)} />
          </div>
        )}
        <div class="inline">
          <button type="submit" disabled={isRunning.value}>
            Export
          </button>
          {isRunning.value && (
            <button type="button" onClick={() => running.current?.abort()}>
              Cancel
            </button>
          )}
          <span role="status" class="muted">
            {status.value}
          </span>
        </div>
      </form>
    </section>
  );
}

interface BoundProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}

function Bound({ label, value, onInput }: BoundProps) {
  return (
    <label>
      {label}
      <input
        required
        spellcheck={false}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
