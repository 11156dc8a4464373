/** Puts a group elsewhere in its stream, after a look at what would come again or never come. */

import { useConsole } from "../../console.ts";
import {
  type Position,
  type PositionPreview,
  positionCommand,
  previewPosition,
} from "../../groups/position.ts";
import { sampleGroupOf } from "../../observe/sample.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { PreviewedAction, tallyText, type Way } from "../../parts/previewed-action.tsx";
import type { GroupProps } from "./group-view.tsx";

const WAYS: readonly [Way, ...Way[]] = [
  { name: "time", label: "To a time", input: "time" },
  { name: "id", label: "Behind an ID", input: "id" },
  { name: "start", label: "To the start", input: null },
  { name: "end", label: "To the end", input: null },
];

/** The card. */
export function PositionCard({ db, stream, group: { name } }: GroupProps) {
  const { commands, observer } = useConsole();
  const { key } = stream.sample;
  return (
    <section class="card" aria-labelledby="position-title">
      <h3 id="position-title">Set the position</h3>
      <PreviewedAction
        ways={WAYS}
        selectLabel="Where the group is put"
        inputLabel="Position"
        plan={readPosition}
        look={async (position, patience) => {
          const { stream, group } = await sampleGroupOf(db, key, name);
          return await previewPosition(db, stream, group, position, patience);
        }}
        preview={(_, preview, act) => <Preview preview={preview} onMove={act} />}
        act={async (position, preview) => {
          await commands.run(positionCommand(key, name, position, preview));
          observer.lookNow();
          return `It goes on behind ${preview.id}.`;
        }}
      />
    </section>
  );
}

function readPosition(way: string, text: string): Position {
  switch (way) {
    case "id":
      return { at: "id", id: text };
    case "time":
      return { at: "time", ms: new Date(text).getTime() };
    default:
      return { at: way === "start" ? "start" : "end" };
  }
}

function Preview({ preview, onMove }: { preview: PositionPreview; onMove: () => void }) {
  const { again, skipped, pending, id } = preview;
  return (
    <>
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
        onConfirm={onMove}
      />
    </>
  );
}
