/**
 * Something that is looked at before it is done: a form that says what is wanted, what would come of
 * it, and the button that does it. Looking may take long; it shows how far it is, and can be ended.
 */

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { count, counted, problemOf } from "../base/format.ts";
import type { Patience, Tally } from "../observe/counting.ts";
import { ID_INPUT, TIME_INPUT } from "./input-kinds.ts";
import { type Outcome, OutcomeLine } from "./outcome.tsx";

const INPUTS = {
  length: { type: "number", min: 0, step: 1, placeholder: "entries" },
  id: ID_INPUT,
  time: TIME_INPUT,
} as const;

/** A way to say what is wanted. */
export interface Way {
  readonly name: string;
  readonly label: string;
  /** What is typed for it; `null`: nothing. */
  readonly input: keyof typeof INPUTS | null;
}

/** What is looked at, and done. `Plan` is what was said, `Preview` what would come of it. */
export interface PreviewedActionProps<Plan, Preview> {
  readonly ways: readonly [Way, ...Way[]];
  readonly selectLabel: string;
  readonly inputLabel: string;
  /** More of the form; `onChange` is called when it changes. */
  readonly more?: (onChange: () => void) => ComponentChildren;
  readonly plan: (way: string, text: string) => Plan;
  readonly look: (plan: Plan, patience: Patience) => Promise<Preview>;
  readonly preview: (plan: Plan, preview: Preview, act: () => void) => ComponentChildren;
  /** Does it; says what came of it. */
  readonly act: (plan: Plan, preview: Preview) => Promise<string>;
}

interface Looking {
  readonly end: AbortController;
  readonly counted: Signal<number>;
}

/** The form, the preview, and what came of it. */
export function PreviewedAction<Plan, Preview>(props: PreviewedActionProps<Plan, Preview>) {
  const looked = useSignal<{ readonly plan: Plan; readonly preview: Preview } | null>(null);
  const looking = useSignal<Looking | null>(null);
  const [counted, outcome] = [useSignal(0), useSignal<Outcome>(null)];
  const forget = (): void => {
    looking.value?.end.abort();
    looked.value = null;
  };
  useEffect(() => () => looking.value?.end.abort(), []);
  const look = async (way: string, text: string): Promise<void> => {
    forget();
    const end = new AbortController();
    looking.value = { end, counted };
    const isCurrent = () => looking.value?.end === end;
    counted.value = 0;
    outcome.value = null;
    try {
      const plan = props.plan(way, text);
      const onCount = (counting: number) => (counted.value = counting);
      const preview = await props.look(plan, { signal: end.signal, onCount });
      if (isCurrent()) looked.value = { plan, preview };
    } catch (error) {
      if (isCurrent()) outcome.value = { problem: problemOf(error) };
    }
    if (isCurrent()) looking.value = null;
  };
  const act = async (plan: Plan, preview: Preview): Promise<void> => {
    looked.value = null;
    try {
      outcome.value = { done: await props.act(plan, preview) };
    } catch (error) {
      outcome.value = { problem: problemOf(error) };
    }
  };
  const { value } = looked;
  return (
    <>
      <Form {...props} onChange={forget} onLook={(way, text) => void look(way, text)} />
      {looking.value !== null && <Progress looking={looking.value} />}
      {value !== null && (
        <div class="preview" role="status">
          {props.preview(value.plan, value.preview, () => void act(value.plan, value.preview))}
        </div>
      )}
      <OutcomeLine outcome={outcome} />
    </>
  );
}

type FormProps = Pick<
  PreviewedActionProps<never, never>,
  "ways" | "selectLabel" | "inputLabel" | "more"
> & {
  readonly onChange: () => void;
  readonly onLook: (way: string, text: string) => void;
};

function Form({ ways, selectLabel, inputLabel, more, onChange, onLook }: FormProps) {
  const [name, text] = [useSignal(ways[0].name), useSignal("")];
  const { input } = ways.find((way) => way.name === name.value) ?? ways[0];
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onLook(name.value, text.value);
      }}
    >
      <div class="inline">
        <select
          aria-label={selectLabel}
          value={name.value}
          onChange={(event) => {
            name.value = event.currentTarget.value;
            text.value = "";
            onChange();
          }}
        >
          {ways.map((way) => (
            <option key={way.name} value={way.name}>
              {way.label}
            </option>
          ))}
        </select>
        {input !== null && (
          <input
            aria-label={inputLabel}
            required
            {...INPUTS[input]}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              onChange();
            }}
          />
        )}
        <button type="submit">Preview</button>
      </div>
      {more?.(onChange)}
    </form>
  );
}

/** How far the looking is. Ended, it says what was counted by then. */
function Progress({ looking: { end, counted } }: { looking: Looking }) {
  if (counted.value === 0) return null;
  return (
    <p class="inline">
      <span role="status">{count(counted.value)} counted …</span>
      <button type="button" onClick={() => end.abort()}>
        Enough
      </button>
    </p>
  );
}

/** A number of entries as it was counted. */
export function tallyText({ count, isMore }: Tally): string {
  const text = counted(count, "entry", "entries");
  return isMore ? `More than ${text}` : text;
}
