/** Appends an entry by hand. */

import { useSignal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { problemOf } from "../format.ts";

interface Pair {
  readonly field: string;
  readonly value: string;
}

type Outcome = { readonly added: string } | { readonly problem: string } | null;

const EMPTY: Pair = { field: "", value: "" };

/** The form above the entries. */
export function AddEntry({ db, stream }: { db: Eddyline; stream: string }) {
  const id = useSignal("*");
  const pairs = useSignal<readonly Pair[]>([EMPTY]);
  const outcome = useSignal<Outcome>(null);
  const change = (index: number, part: Partial<Pair>): void => {
    pairs.value = pairs.value.map((pair, at) => (at === index ? { ...pair, ...part } : pair));
  };
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const fields = pairs.value.map(({ field, value }) => [field, value] as const);
      outcome.value = { added: await db.xAdd(stream, id.value, fields) };
      pairs.value = pairs.value.map(({ field }) => ({ field, value: "" }));
    } catch (error) {
      outcome.value = { problem: problemOf(error) };
    }
  };
  return (
    <section class="card add" aria-labelledby="add-title">
      <header>
        <h2 id="add-title">Add an entry</h2>
      </header>
      <form onSubmit={(event) => void add(event)}>
        {pairs.value.map((pair, index) => (
          <PairRow
            key={index}
            number={index + 1}
            pair={pair}
            onChange={(part) => change(index, part)}
            onRemove={
              pairs.value.length === 1
                ? null
                : () => (pairs.value = pairs.value.toSpliced(index, 1))
            }
          />
        ))}
        <div class="add-foot">
          <button
            type="button"
            class="plain link"
            onClick={() => (pairs.value = [...pairs.value, EMPTY])}
          >
            + field
          </button>
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
        <p class="outcome" role="status">
          {outcome.value !== null && "added" in outcome.value && (
            <>
              Added as <code>{outcome.value.added}</code>
            </>
          )}
          {outcome.value !== null && "problem" in outcome.value && (
            <span class="problem">{outcome.value.problem}</span>
          )}
        </p>
      </form>
    </section>
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
    <div class="pair">
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
          class="plain"
          aria-label={`Remove field ${number}`}
          onClick={onRemove}
        >
          ×
        </button>
      )}
    </div>
  );
}
