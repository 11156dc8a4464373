/** The line in which a command is typed, with what is still missing behind it. */

import { useEffect, useId, useRef } from "preact/hooks";
import type { TransactionState } from "../../command-line/own-connections.ts";
import type { Prompt } from "../../command-line/prompt.ts";
import { ProblemLine } from "../../parts/problem.tsx";

interface CommandInputProps {
  readonly prompt: Prompt;
  readonly transaction: TransactionState;
  readonly problem: string | null;
  readonly onRun: (line: string) => void;
  /** Ends the command that waits; `null` when none does. */
  readonly onStop: (() => void) | null;
}

/** The line. */
export function CommandInput(props: CommandInputProps) {
  const { prompt, transaction, problem, onRun, onStop } = props;
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const offers = prompt.offers.value;
  const active = prompt.active.value;
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="command-input"
      onSubmit={(event) => {
        event.preventDefault();
        onRun(prompt.line.value);
      }}
    >
      {offers.length > 0 && (
        <Offers id={id} prompt={prompt} onTaken={() => input.current?.focus()} />
      )}
      <span class="prompt" aria-hidden="true">
        {transaction === "none" ? "›" : "(TX) ›"}
      </span>
      <div class="typed">
        <div class="ghost">
          <span class="ghost-typed">{prompt.line.value}</span>
          <span id={`${id}-hint`}>{prompt.hint.value}</span>
        </div>
        <input
          ref={input}
          role="combobox"
          aria-label="Command"
          aria-autocomplete="list"
          aria-expanded={offers.length > 0}
          aria-controls={`${id}-offers`}
          aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
          aria-describedby={`${id}-hint`}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={prompt.line.value}
          onInput={(event) => prompt.type(event.currentTarget.value)}
          onKeyDown={(event) => {
            const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
            if (isPlain && prompt.press(event.key)) event.preventDefault();
          }}
        />
      </div>
      {onStop === null ? (
        <button type="submit">Run</button>
      ) : (
        <button type="button" class="danger" onClick={onStop}>
          Stop
        </button>
      )}
      <p class="transaction muted" role="status">
        {TRANSACTION_WORDS[transaction]}
      </p>
      <ProblemLine problem={problem} />
    </form>
  );
}

const TRANSACTION_WORDS: Readonly<Record<TransactionState, string>> = {
  none: "",
  watching: "Keys are watched: EXEC does nothing if they change. UNWATCH ends that.",
  queuing: "Commands are queued: EXEC does them together, DISCARD none of them.",
  lost: "The connection has ended, and with it the transaction: nothing of it was done.",
};

interface OffersProps {
  readonly id: string;
  readonly prompt: Prompt;
  readonly onTaken: () => void;
}

function Offers({ id, prompt, onTaken }: OffersProps) {
  return (
    <div class="offers" id={`${id}-offers`} role="listbox" aria-label="Completions">
      {prompt.offers.value.map((offer, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the input has the focus, and says which option is active
        // biome-ignore lint/a11y/useKeyWithClickEvents: the input takes the keys
        <div
          key={offer}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === prompt.active.value}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            prompt.take(offer);
            onTaken();
          }}
        >
          {offer}
        </div>
      ))}
    </div>
  );
}
