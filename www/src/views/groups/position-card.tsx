/** Puts a group elsewhere in its stream, after a look at what would come again or never come. */

import { type Signal, useSignal } from "@preact/signals";
import { counted, problemOf } from "../../base/format.ts";
import { useConsole } from "../../console.ts";
import {
  type Position,
  type PositionPreview,
  positionCommand,
  previewPosition,
  type Tally,
} from "../../groups/position.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { ID_INPUT, TIME_INPUT } from "../../parts/input-kinds.ts";
import { type Outcome, OutcomeLine } from "../../parts/outcome.tsx";
import type { GroupProps } from "./group-view.tsx";

type Way = Position["at"];

interface Looked {
  readonly position: Position;
  readonly preview: PositionPreview;
}

/** The card. */
export function PositionCard({ db, stream, group }: GroupProps) {
  const { commands, observer } = useConsole();
  const [way, text] = [useSignal<Way>("time"), useSignal("")];
  const looked = useSignal<Looked | null>(null);
  const outcome = useSignal<Outcome>(null);
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      outcome.value = null;
      await act();
    } catch (error) {
      outcome.value = { problem: problemOf(error) };
    }
  };
  const look = async (): Promise<void> => {
    const position = readPosition(way.value, text.value);
    const preview = await previewPosition(db, stream.sample, group, position);
    looked.value = { position, preview };
  };
  const move = async ({ position, preview }: Looked): Promise<void> => {
    looked.value = null;
    await commands.run(positionCommand(stream.sample.key, group.name, position, preview));
    outcome.value = { done: `It goes on behind ${preview.id}.` };
    observer.lookNow();
  };
  return (
    <section class="card" aria-labelledby="position-title">
      <h3 id="position-title">Set the position</h3>
      <PositionForm
        way={way}
        text={text}
        onChange={() => (looked.value = null)}
        onLook={() => void attempt(look)}
      />
      {looked.value !== null && (
        <Preview looked={looked.value} onMove={(it) => void attempt(() => move(it))} />
      )}
      <OutcomeLine outcome={outcome} />
    </section>
  );
}

function readPosition(way: Way, text: string): Position {
  switch (way) {
    case "id":
      return { at: "id", id: text };
    case "time":
      return { at: "time", ms: new Date(text).getTime() };
    default:
      return { at: way };
  }
}

interface PositionFormProps {
  readonly way: Signal<Way>;
  readonly text: Signal<string>;
  readonly onChange: () => void;
  readonly onLook: () => void;
}

function PositionForm({ way, text, onChange, onLook }: PositionFormProps) {
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        onLook();
      }}
    >
      <select
        aria-label="Where the group is put"
        value={way.value}
        onChange={(event) => {
          way.value = event.currentTarget.value as Way;
          text.value = "";
          onChange();
        }}
      >
        <option value="time">To a time</option>
        <option value="id">Behind an ID</option>
        <option value="start">To the start</option>
        <option value="end">To the end</option>
      </select>
      {(way.value === "time" || way.value === "id") && (
        <input
          aria-label="Position"
          required
          {...(way.value === "time" ? TIME_INPUT : ID_INPUT)}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            onChange();
          }}
        />
      )}
      <button type="submit">Preview</button>
    </form>
  );
}

function Preview({ looked, onMove }: { looked: Looked; onMove: (looked: Looked) => void }) {
  const { again, skipped, pending, id } = looked.preview;
  return (
    <div class="preview" role="status">
      {again.count === 0 && skipped.count === 0 && <p class="good">It stands there already.</p>}
      {again.count > 0 && (
        <p>
          <strong>{tallyText(again)}</strong> would be delivered again.
          {pending.count > 0 &&
            ` ${tallyText(pending)} of these are pending: whoever reads them again has them then.`}
        </p>
      )}
      {skipped.count > 0 && (
        <p class="problem">
          <strong>{tallyText(skipped)}</strong> would be skipped, never delivered to this group.
        </p>
      )}
      <p class="muted">
        Behind <code>{id}</code>. What is pending stays pending.
      </p>
      <Confirm
        label="Set the position"
        question={skipped.count > 0 ? "Set it, and skip them?" : "Set it?"}
        onConfirm={() => onMove(looked)}
      />
    </div>
  );
}

function tallyText({ count, isMore }: Tally): string {
  const text = counted(count, "entry", "entries");
  return isMore ? `More than ${text}` : text;
}
