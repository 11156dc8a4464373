/** A button whose act cannot be undone: it asks once more, in its own place. */

import { useSignal } from "@preact/signals";

interface ConfirmProps {
  readonly label: string;
  /** What is asked, with what will happen. */
  readonly question: string;
  readonly onConfirm: () => void;
  readonly disabled?: boolean;
}

/** The button, and when it was pressed the question with its two answers. */
export function Confirm({ label, question, onConfirm, disabled = false }: ConfirmProps) {
  const isAsking = useSignal(false);
  if (!isAsking.value) {
    return (
      <button
        type="button"
        class="danger"
        disabled={disabled}
        onClick={() => (isAsking.value = true)}
      >
        {label}
      </button>
    );
  }
  return (
    <fieldset class="confirm" aria-label={question}>
      <span>{question}</span>
      <button
        type="button"
        class="danger solid"
        ref={(button) => button?.focus()}
        onClick={() => {
          isAsking.value = false;
          onConfirm();
        }}
      >
        {label}
      </button>
      <button type="button" onClick={() => (isAsking.value = false)}>
        Cancel
      </button>
    </fieldset>
  );
}
