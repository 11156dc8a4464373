/** Trims a stream, after a look at what would go and which groups still need it. */

import { useSignal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { count, counted } from "../base/format.ts";
import { useConsole } from "../console.ts";
import {
  type Cut,
  cutAtTime,
  type GroupLoss,
  POLICIES,
  type Policy,
  previewTrim,
  type TrimPreview,
  trimCommand,
} from "../entries/trim.ts";
import type { Tally } from "../observe/counting.ts";
import { sampleStream } from "../observe/sample.ts";
import { Confirm } from "../parts/confirm.tsx";
import { PreviewedAction, tallyText, type Way } from "../parts/previewed-action.tsx";

const WAYS: readonly [Way, ...Way[]] = [
  { name: "length", label: "Keep the newest", input: "length" },
  { name: "id", label: "Keep from the ID", input: "id" },
  { name: "time", label: "Keep from the time", input: "time" },
];

interface Plan {
  readonly cut: Cut;
  readonly policy: Policy;
}

const POLICY_WORDS: Readonly<Record<Policy, string>> = {
  KEEPREF: "what is pending stays listed as pending",
  DELREF: "what is pending is taken off the lists, too",
  ACKED: "only what every group has acknowledged",
};

/** The card. */
export function TrimCard({ db, name }: { db: Eddyline; name: string }) {
  const { commands, observer } = useConsole();
  const policy = useSignal<Policy>("KEEPREF");
  return (
    <section class="card" aria-labelledby="trim-title">
      <h2 id="trim-title">Trim</h2>
      <PreviewedAction
        ways={WAYS}
        selectLabel="How it is trimmed"
        inputLabel="Trim to"
        more={(onChange) => (
          <PolicyChoice
            policy={policy.value}
            onChoose={(chosen) => {
              policy.value = chosen;
              onChange();
            }}
          />
        )}
        plan={(way, text): Plan => ({ cut: readCut(way, text), policy: policy.value })}
        look={async ({ cut }, patience) =>
          previewTrim(db, await sampleStream(db, name), cut, patience)
        }
        preview={(plan, preview, act) => <Preview plan={plan} preview={preview} onTrim={act} />}
        act={async ({ cut, policy }) => {
          const removed = await commands.run(trimCommand(name, cut, policy));
          observer.lookNow();
          return `${counted(Number(removed), "entry", "entries")} removed.`;
        }}
      />
    </section>
  );
}

function readCut(way: string, text: string): Cut {
  if (way === "id") return { by: "MINID", id: text };
  if (way === "length") return { by: "MAXLEN", keep: Number(text) };
  return cutAtTime(new Date(text).getTime());
}

interface PolicyChoiceProps {
  readonly policy: Policy;
  readonly onChoose: (policy: Policy) => void;
}

function PolicyChoice({ policy, onChoose }: PolicyChoiceProps) {
  return (
    <label>
      Entries that groups refer to
      <select value={policy} onChange={(event) => onChoose(event.currentTarget.value as Policy)}>
        {POLICIES.map((one) => (
          <option key={one} value={one}>
            {one}: {POLICY_WORDS[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

interface PreviewProps {
  readonly plan: Plan;
  readonly preview: TrimPreview;
  readonly onTrim: () => void;
}

function Preview({ plan: { policy }, preview, onTrim }: PreviewProps) {
  const losing = preview.groups.filter((loss) => !isNothing(loss));
  const most = policy === "ACKED" && losing.length > 0 ? " at most" : "";
  return (
    <>
      <p>
        <strong>{tallyText(preview.removed)}</strong> would go{most}.
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
          onConfirm={onTrim}
        />
      )}
    </>
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

function figure(tally: Tally | null): string {
  if (tally === null) return "unknown";
  return tally.isMore ? `more than ${count(tally.count)}` : count(tally.count);
}
