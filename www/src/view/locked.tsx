/** Asks for the Worker's token. */

import { useSignal } from "@preact/signals";
import { unlock } from "../session.ts";

/** The room one is in until the Worker lets one in. */
export function Locked({ problem }: { problem: string | null }) {
  const token = useSignal("");
  const open = (event: Event): void => {
    event.preventDefault();
    if (token.value !== "") void unlock(token.value.trim());
  };
  return (
    <main id="main" class="notice">
      <h1>The Worker wants a token</h1>
      <p class="muted">
        <code>npm start</code> prints it. It is kept for this tab only and sent nowhere but to{" "}
        {location.host}.
      </p>
      <form onSubmit={open}>
        <label>
          Token
          <input
            type="password"
            name="token"
            autocomplete="off"
            autofocus
            required
            aria-describedby={problem === null ? undefined : "refused"}
            value={token.value}
            onInput={(event) => (token.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Open
        </button>
      </form>
      {problem !== null && (
        <p id="refused" class="problem" role="alert">
          {problem}
        </p>
      )}
    </main>
  );
}
