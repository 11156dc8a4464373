/** Commands by hand. */

import { useSignal } from "@preact/signals";
import { problemOf } from "../base/format.ts";
import { splitCommand } from "../commands/quote.ts";
import { useConsole } from "../console.ts";

/** The room. */
export function CommandRoom() {
  const { commands, observer } = useConsole();
  const line = useSignal("");
  const answer = useSignal("");
  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const argv = splitCommand(line.value);
      if (argv.length === 0) return;
      answer.value = JSON.stringify(await commands.run(argv, { isTyped: true }), null, 2);
      observer.lookNow();
    } catch (error) {
      answer.value = problemOf(error);
    }
  };
  return (
    <main id="main" class="room" tabIndex={-1}>
      <h1>Command line</h1>
      <form class="inline" onSubmit={(event) => void run(event)}>
        <input
          aria-label="Command"
          placeholder="XINFO STREAM orders"
          autocomplete="off"
          spellcheck={false}
          value={line.value}
          onInput={(event) => (line.value = event.currentTarget.value)}
        />
        <button type="submit">Run</button>
      </form>
      <pre class="json" role="status">
        {answer.value}
      </pre>
    </main>
  );
}
