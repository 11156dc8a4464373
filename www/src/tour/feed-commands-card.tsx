/** What the feed and its consumers say to the engine, for who wants to read along. */

import { count } from "../base/format.ts";
import type { FeedCommands } from "./feed-commands.ts";

/** The card. */
export function FeedCommandsCard({ commands }: { commands: FeedCommands }) {
  const isShown = commands.isShown.value;
  return (
    <section class="card feed-commands" aria-label="The feed's commands">
      <button
        type="button"
        aria-expanded={isShown}
        aria-controls="feed-commands"
        onClick={() => commands.toggle()}
      >
        {isShown ? "Hide the feed's commands" : "Show the feed's commands"}
      </button>
      <ol id="feed-commands" hidden={!isShown}>
        {commands.lines.value.map(({ number, text, more }) => (
          <li key={number} class="feed-line">
            <code title={text}>{text}</code>
            {more > 0 && <span class="muted feed-more">and {count(more)} like it</span>}
          </li>
        ))}
        {commands.lines.value.length === 0 && <li class="muted">Nothing is sent just now.</li>}
      </ol>
    </section>
  );
}
