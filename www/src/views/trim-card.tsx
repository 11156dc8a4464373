/** Trims a stream, after a look at what would go and which groups still need it. */

import { type Signal, useSignal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { count, counted, problemOf } from "../base/format.ts";
import { useConsole } from "../console.ts";
import {
  type Counted,
  type Cut,
  cutAtTime,
  type GroupLoss,
  POLICIES,
  type Policy,
  previewTrim,
  type TrimPreview,
  trimCommand,
} from "../entries/trim.ts";
import { Confirm } from "../parts/confirm.tsx";
import { ID_INPUT, TIME_INPUT } from "../parts/input-kinds.ts";
import { type Outcome, OutcomeLine } from "../parts/outcome.tsx";

type Way = "length" | "id" | "time";

interface Form {
  readonly way: Signal<Way>;
  readonly text: Signal<string>;
  readonly policy: Signal<Policy>;
}

interface Looked {
  readonly cut: Cut;
  readonly policy: Policy;
  readonly preview: TrimPreview;
}

const POLICY_WORDS: Readonly<Record<Policy, string>> = {
  KEEPREF: "what is pending stays listed as pending",
  DELREF: "what is pending is taken off the lists, too",
  ACKED: "only what every group has acknowledged",
};

/** The card. */
export function TrimCard({ db, name }: { db: Eddyline; name: string }) {
  const { commands, observer } = useConsole();
  const form: Form = {
    way: useSignal<Way>("length"),
    text: useSignal(""),
    policy: useSignal<Policy>("KEEPREF"),
  };
  const looked = useSignal<Looked | null>(null);
  const outcome = useSignal<Outcome>(null);
  const look = async (): Promise<void> => {
    const stream = observer.stream(name);
    if (stream === null) return;
    try {
      const cut = readCut(form.way.value, form.text.value);
      const preview = await previewTrim(db, stream.sample, cut);
      looked.value = { cut, policy: form.policy.value, preview };
      outcome.value = null;
    } catch (error) {
      looked.value = null;
      outcome.value = { problem: problemOf(error) };
    }
  };
  const trim = async ({ cut, policy }: Looked): Promise<void> => {
    looked.value = null;
    try {
      const removed = await commands.run(trimCommand(name, cut, policy));
      outcome.value = { done: `${counted(Number(removed), "entry", "entries")} removed.` };
      observer.lookNow();
    } catch (error) {
      outcome.value = { problem: problemOf(error) };
    }
  };
  return (
    <section class="card" aria-labelledby="trim-title">
      <h2 id="trim-title">Trim</h2>
      <CutForm form={form} onChange={() => (looked.value = null)} onLook={() => void look()} />
      {looked.value !== null && <Preview looked={looked.value} onTrim={(it) => void trim(it)} />}
      <OutcomeLine outcome={outcome} />
    </section>
  );
}

function readCut(way: Way, text: string): Cut {
  if (way === "id") return { by: "MINID", id: text };
  if (way === "length") return { by: "MAXLEN", keep: Number(text) };
  return cutAtTime(new Date(text).getTime());
}

interface CutFormProps {
  readonly form: Form;
  readonly onChange: () => void;
  readonly onLook: () => void;
}

function CutForm({ form: { way, text, policy }, onChange, onLook }: CutFormProps) {
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onLook();
      }}
    >
      <div class="inline">
        <select
          aria-label="How it is trimmed"
          value={way.value}
          onChange={(event) => {
            way.value = event.currentTarget.value as Way;
            text.value = "";
            onChange();
          }}
        >
          <option value="length">Keep the newest</option>
          <option value="id">Keep from the ID</option>
          <option value="time">Keep from the time</option>
        </select>
        <input
          aria-label="Trim to"
          required
          {...INPUTS[way.value]}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            onChange();
          }}
        />
        <button type="submit">Preview</button>
      </div>
      <label>
        Entries that groups refer to
        <select
          value={policy.value}
          onChange={(event) => {
            policy.value = event.currentTarget.value as Policy;
            onChange();
          }}
        >
          {POLICIES.map((one) => (
            <option key={one} value={one}>
              {one}: {POLICY_WORDS[one]}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

const INPUTS = {
  length: { type: "number", min: 0, step: 1, placeholder: "entries" },
  id: ID_INPUT,
  time: TIME_INPUT,
} as const;

function Preview({ looked, onTrim }: { looked: Looked; onTrim: (looked: Looked) => void }) {
  const { preview, policy } = looked;
  const losing = preview.groups.filter((loss) => !isNothing(loss));
  const most = policy === "ACKED" && losing.length > 0 ? " at most" : "";
  return (
    <div class="preview" role="status">
      <p>
        <strong>{countedText(preview.removed)}</strong> would go{most}.
      </p>
      {preview.groups.length > 0 && losing.length === 0 && (
        <p class="good">No group needs them any more.</p>
      )}
      {losing.length > 0 && <Losses losses={losing} />}
      {preview.removed.count > 0 && (
        <Confirm
          label="Trim"
          question={
            losing.length > 0 && policy !== "ACKED" ? "Trim, though groups need them?" : "Trim?"
          }
          onConfirm={() => onTrim(looked)}
        />
      )}
    </div>
  );
}

function Losses({ losses }: { losses: readonly GroupLoss[] }) {
  return (
    <table class="small">
      <thead>
        <tr>
          <th scope="col">Group that needs them</th>
          <th scope="col">not delivered yet</th>
          <th scope="col">pending</th>
        </tr>
      </thead>
      <tbody>
        {losses.map(({ name, undelivered, pending }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{figure(undelivered)}</td>
            <td>{figure(pending)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isNothing({ undelivered, pending }: GroupLoss): boolean {
  return undelivered?.count === 0 && pending?.count === 0;
}

function figure(counted: Counted | null): string {
  if (counted === null) return "unknown";
  return counted.isMore ? `more than ${count(counted.count)}` : count(counted.count);
}

function countedText({ count: value, isMore }: Counted): string {
  const text = counted(value, "entry", "entries");
  return isMore ? `More than ${text}` : text;
}
