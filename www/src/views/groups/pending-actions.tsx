/** What one can do with the pending entries that are picked: one, several, or all that are shown. */

import { type Signal, useSignal } from "@preact/signals";
import { counted, problemOf } from "../../base/format.ts";
import { useConsole } from "../../console.ts";
import { bury } from "../../groups/dead-letters.ts";
import type { Selection } from "../../groups/selection.ts";
import {
  acknowledge,
  claim,
  giveBack,
  NACK_MODES,
  NACK_WORDS,
  type NackMode,
} from "../../groups/work.ts";
import type { PendingSample } from "../../observe/sample.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { type Outcome, OutcomeLine } from "../../parts/outcome.tsx";
import { type GroupProps, useGroupWork } from "./group-view.tsx";

interface PendingActionsProps {
  readonly group: GroupProps;
  readonly shown: readonly PendingSample[];
  readonly selection: Selection;
  readonly onDone: () => void;
  /** Shows an entry in full. */
  readonly onLook: (id: string) => void;
}

type Act = (entries: readonly PendingSample[], ids: string[]) => Promise<string>;

/** The bar of actions. */
export function PendingActions({ group, shown, selection, onDone, onLook }: PendingActionsProps) {
  const { observer } = useConsole();
  const outcome = useSignal<Outcome>(null);
  const isBusy = useSignal(false);
  const picked = selection.ids.value;
  const run = async (act: Act): Promise<void> => {
    const entries = shown.filter(({ id }) => picked.has(id));
    isBusy.value = true;
    try {
      outcome.value = {
        done: await act(
          entries,
          entries.map(({ id }) => id),
        ),
      };
      selection.pick([]);
    } catch (error) {
      outcome.value = { problem: problemOf(error) };
    }
    isBusy.value = false;
    onDone();
    observer.lookNow();
  };
  return (
    <div class="actions">
      <Picking shown={shown} selection={selection} onLook={onLook} />
      {picked.size > 0 && (
        <Actions group={group} count={picked.size} isBusy={isBusy} onAct={(act) => void run(act)} />
      )}
      <OutcomeLine outcome={outcome} />
    </div>
  );
}

type PickingProps = Pick<PendingActionsProps, "shown" | "selection" | "onLook">;

function Picking({ shown, selection, onLook }: PickingProps) {
  const picked = selection.ids.value;
  const [one] = picked;
  return (
    <div class="tools">
      <button type="button" onClick={() => selection.pick(shown.map(({ id }) => id))}>
        Pick all {counted(shown.length, "entry", "entries")}
      </button>
      <button type="button" disabled={picked.size === 0} onClick={() => selection.pick([])}>
        Pick none
      </button>
      {one !== undefined && picked.size === 1 && (
        <button type="button" onClick={() => onLook(one)}>
          Look at it
        </button>
      )}
    </div>
  );
}

interface ActionsProps {
  readonly group: GroupProps;
  readonly count: number;
  readonly isBusy: Signal<boolean>;
  readonly onAct: (act: Act) => void;
}

function Actions({ group, count, isBusy, onAct }: ActionsProps) {
  const work = useGroupWork(group);
  const entries = counted(count, "entry", "entries");
  return (
    <fieldset class="tools" disabled={isBusy.value} aria-label={`What to do with ${entries}`}>
      <Confirm
        label="Acknowledge"
        question={`Acknowledge ${entries}, as if worked off?`}
        onConfirm={() =>
          onAct(
            async (_, ids) =>
              `${counted(await acknowledge(work, ids), "entry", "entries")} acknowledged.`,
          )
        }
      />
      <ClaimForm group={group} onAct={onAct} />
      <GiveBack group={group} onAct={onAct} />
      <BuryForm group={group} entries={entries} onAct={onAct} />
    </fieldset>
  );
}

type ActProps = Pick<ActionsProps, "group" | "onAct">;

function ClaimForm({ group, onAct }: ActProps) {
  const work = useGroupWork(group);
  const members = group.group.members ?? [];
  const consumer = useSignal("");
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        const to = consumer.value;
        onAct(
          async (_, ids) =>
            `${counted(await claim(work, ids, to), "entry", "entries")} claimed for ${to}.`,
        );
      }}
    >
      <input
        aria-label="Consumer to claim for"
        placeholder="consumer"
        list="consumers"
        required
        spellcheck={false}
        value={consumer.value}
        onInput={(event) => (consumer.value = event.currentTarget.value)}
      />
      <datalist id="consumers">
        {members.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit">Claim</button>
    </form>
  );
}

function GiveBack({ group, onAct }: ActProps) {
  const work = useGroupWork(group);
  const mode = useSignal<NackMode>("FAIL");
  return (
    <div class="inline">
      <select
        aria-label="How it is given back"
        value={mode.value}
        onChange={(event) => (mode.value = event.currentTarget.value as NackMode)}
      >
        {NACK_MODES.map((one) => (
          <option key={one} value={one}>
            {one}: {NACK_WORDS[one]}
          </option>
        ))}
      </select>
      <button
        type="button"
        onClick={() =>
          onAct(async (_, ids) => {
            const released = await giveBack(work, ids, mode.value);
            return `${counted(released, "entry", "entries")} given back.`;
          })
        }
      >
        Give back
      </button>
    </div>
  );
}

function BuryForm({ group, entries, onAct }: ActProps & { entries: string }) {
  const work = useGroupWork(group);
  const reason = useSignal("");
  const buryAll: Act = async (picked) => {
    for (const entry of picked) await bury(group.db, work, entry, reason.value);
    return `${counted(picked.length, "entry", "entries")} put to the dead letters.`;
  };
  return (
    <div class="inline">
      <input
        aria-label="Reason for the dead letter"
        placeholder="reason"
        value={reason.value}
        onInput={(event) => (reason.value = event.currentTarget.value)}
      />
      <Confirm
        label="To the dead letters"
        question={`Put ${entries} to the dead letters and acknowledge?`}
        onConfirm={() => onAct(buryAll)}
      />
    </div>
  );
}
