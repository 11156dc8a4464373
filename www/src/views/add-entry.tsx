/** Appends an entry by hand. */

import { useSignal } from "@preact/signals";
import { problemOf } from "../base/format.ts";
import { useConsole } from "../console.ts";
import { Panel } from "../parts/panel.tsx";

interface Pair {
  readonly field: string;
  readonly value: string;
}

type Outcome = { readonly added: string } | { readonly problem: string } | null;

const EMPTY: Pair = { field: "", value: "" };

interface AddEntryProps {
  /** The stream's key. */
  readonly name: string;
  /** Fields to begin with. */
  readonly fields?: readonly Pair[];
  readonly onClose: () => void;
}

/** The panel. */
export function AddEntry({ name, fields = [EMPTY], onClose }: AddEntryProps) {
  const { commands, observer } = useConsole();
  const id = useSignal("*");
  const pairs = useSignal(fields);
  const outcome = useSignal<Outcome>(null);
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const words = pairs.value.flatMap(({ field, value }) => [field, value]);
      const added = await commands.run(["XADD", name, id.value, ...words]);
      outcome.value = { added: String(added) };
      pairs.value = pairs.value.map(({ field }) => ({ field, value: "" }));
      observer.lookNow();
    } catch (error) {
      outcome.value = { problem: problemOf(error) };
    }
  };
  return (
    <Panel title="Add an entry" onClose={onClose}>
      <form class="stack add" onSubmit={(event) => void add(event)}>
        <Pairs pairs={pairs.value} onChange={(next) => (pairs.value = next)} />
        <div class="inline">
          <label class="id-field">
            ID
            <input
              name="id"
              autocomplete="off"
              spellcheck={false}
              required
              value={id.value}
              onInput={(event) => (id.value = event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="primary">
            Add
          </button>
        </div>
        <Outcome outcome={outcome.value} />
      </form>
    </Panel>
  );
}

function Outcome({ outcome }: { outcome: Outcome }) {
  return (
    <p class="outcome" role="status">
      {outcome !== null && "added" in outcome && (
        <>
          Added as <code>{outcome.added}</code>
        </>
      )}
      {outcome !== null && "problem" in outcome && <span class="problem">{outcome.problem}</span>}
    </p>
  );
}

interface PairsProps {
  readonly pairs: readonly Pair[];
  readonly onChange: (pairs: readonly Pair[]) => void;
}

function Pairs({ pairs, onChange }: PairsProps) {
  const change = (index: number, part: Partial<Pair>): void =>
    onChange(pairs.map((pair, at) => (at === index ? { ...pair, ...part } : pair)));
  return (
    <>
      {pairs.map((pair, index) => (
        <PairRow
          key={index}
          number={index + 1}
          pair={pair}
          onChange={(part) => change(index, part)}
          onRemove={pairs.length === 1 ? null : () => onChange(pairs.toSpliced(index, 1))}
        />
      ))}
      <button type="button" class="plain link" onClick={() => onChange([...pairs, EMPTY])}>
        + field
      </button>
    </>
  );
}

interface PairRowProps {
  readonly number: number;
  readonly pair: Pair;
  readonly onChange: (part: Partial<Pair>) => void;
  readonly onRemove: (() => void) | null;
}

function PairRow({ number, pair, onChange, onRemove }: PairRowProps) {
  return (
    <div class="pair-row">
      <input
        aria-label={`Field ${number}`}
        placeholder="field"
        autocomplete="off"
        spellcheck={false}
        value={pair.field}
        onInput={(event) => onChange({ field: event.currentTarget.value })}
      />
      <input
        aria-label={`Value ${number}`}
        placeholder="value"
        autocomplete="off"
        value={pair.value}
        onInput={(event) => onChange({ value: event.currentTarget.value })}
      />
      {onRemove !== null && (
        <button
          type="button"
          class="plain icon"
          aria-label={`Remove field ${number}`}
          onClick={onRemove}
        >
          ×
        </button>
      )}
    </div>
  );
}
