/** One entry in full: as a table, as JSON; deleted, or added again. */

import { useSignal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { bytes, problemOf, timeOf } from "../base/format.ts";
import { useConsole } from "../console.ts";
import { asJson, type FieldContent, readContent } from "../entries/content.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Panel } from "../parts/panel.tsx";

interface EntryPanelProps {
  readonly db: Eddyline;
  /** The stream's key. */
  readonly name: string;
  readonly id: string;
  readonly onClose: () => void;
  readonly onDelete?: () => void;
}

type Found = { readonly contents: FieldContent[] | null } | { readonly problem: string };

/** The panel. */
export function EntryPanel({ db, name, id, onClose, onDelete }: EntryPanelProps) {
  const found = useSignal<Found | null>(null);
  const isJson = useSignal(false);
  useEffect(() => {
    let isCurrent = true;
    const show = (next: Found): void => {
      if (isCurrent) found.value = next;
    };
    readContent(db, name, id).then(
      (contents) => show({ contents }),
      (error) => show({ problem: problemOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [db, name, id]);
  const contents = found.value !== null && "contents" in found.value ? found.value.contents : null;
  const time = timeOf(id);
  return (
    <Panel title={id} onClose={onClose}>
      {time !== null && <p class="muted">{time}</p>}
      {found.value !== null && "problem" in found.value && (
        <p class="problem" role="alert">
          {found.value.problem}
        </p>
      )}
      {found.value !== null && "contents" in found.value && contents === null && (
        <p class="muted">This entry is not in the stream any more.</p>
      )}
      {contents !== null && (
        <>
          <div class="tools">
            <Views isJson={isJson.value} onChange={(next) => (isJson.value = next)} />
            <Copy text={asJson(id, contents)} />
            <Delete name={name} id={id} onDelete={() => (onDelete ?? onClose)()} />
          </div>
          {isJson.value ? <Json text={asJson(id, contents)} /> : <Fields contents={contents} />}
        </>
      )}
    </Panel>
  );
}

function Views({ isJson, onChange }: { isJson: boolean; onChange: (isJson: boolean) => void }) {
  return (
    <fieldset class="switch" aria-label="How the entry is shown">
      <button type="button" aria-pressed={!isJson} onClick={() => onChange(false)}>
        Table
      </button>
      <button type="button" aria-pressed={isJson} onClick={() => onChange(true)}>
        JSON
      </button>
    </fieldset>
  );
}

function Copy({ text }: { text: string }) {
  const label = useSignal("Copy");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      label.value = "Copied";
    } catch {
      label.value = "Not allowed";
    }
  };
  return (
    <button type="button" onClick={() => void copy()}>
      {label.value}
    </button>
  );
}

function Delete({ name, id, onDelete }: { name: string; id: string; onDelete: () => void }) {
  const { commands, observer } = useConsole();
  const problem = useSignal<string | null>(null);
  const act = async (): Promise<void> => {
    try {
      await commands.run(["XDEL", name, id]);
      observer.lookNow();
      onDelete();
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <>
      <Confirm label="Delete" question="Delete this entry?" onConfirm={() => void act()} />
      {problem.value !== null && (
        <span class="problem" role="alert">
          {problem.value}
        </span>
      )}
    </>
  );
}

function Json({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keys
    <pre class="json" tabIndex={0}>
      {text}
    </pre>
  );
}

/** What is empty is seen to be. */
function shown(text: string): ComponentChildren {
  return text === "" ? <span class="muted">""</span> : text;
}

function Fields({ contents }: { contents: readonly FieldContent[] }) {
  return (
    <dl class="fields-table">
      {contents.map(({ field, value }, index) => (
        <div key={index}>
          <dt>{shown(field.text)}</dt>
          <dd data-bytes={value.isBytes}>
            {value.isBytes && <span class="muted">{bytes(value.length)} that are no text: </span>}
            {shown(value.text)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
