/** Commands by hand: what was sent and answered, and the line for the next one. */

import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { count, problemOf, span } from "../../base/format.ts";
import { byHand } from "../../command-line/by-hand.ts";
import { Prompt } from "../../command-line/prompt.ts";
import { replyText } from "../../command-line/reply-text.ts";
import { splitCommand } from "../../command-line/words.ts";
import type { Done, Listening } from "../../commands/log.ts";
import { type Console, useConsole } from "../../console.ts";
import "../../style/commands.css";
import { RoomFrame } from "../room-frame.tsx";
import { CommandInput } from "./command-input.tsx";

/** The room. */
export function CommandRoom() {
  const console = useConsole();
  const { commands, connection, observer } = console;
  const hand = byHand(commands, connection.db);
  const earlier = useComputed(() => [...new Set(commands.done.value.filter(isTyped).map(textOf))]);
  const prompt = useMemo(() => new Prompt(namesOf(console), earlier), []);
  const problem = useSignal<string | null>(null);
  const running = useSignal<AbortController | null>(null);
  const run = async (line: string): Promise<void> => {
    const stop = new AbortController();
    try {
      problem.value = null;
      const argv = splitCommand(line);
      if (argv.length === 0) return;
      prompt.clear();
      running.value = stop;
      await hand.run(argv, stop.signal);
    } catch (error) {
      // What the server refuses stands with the command.
      if (error instanceof SyntaxError) problem.value = problemOf(error);
    } finally {
      running.value = null;
      observer.lookNow();
    }
  };
  return (
    <RoomFrame class="room command-room">
      <header class="room-head">
        <h1>Command line</h1>
        <span class="muted">what the mouse does stands here, too</span>
        {commands.done.value.length > 0 && (
          <button type="button" onClick={() => commands.clear()}>
            Clear
          </button>
        )}
      </header>
      <Transcript done={commands.done.value} />
      <CommandInput
        prompt={prompt}
        transaction={hand.transaction.value}
        problem={problem.value}
        onRun={(line) => void run(line)}
        onStop={running.value === null ? null : () => running.value?.abort()}
      />
    </RoomFrame>
  );
}

function isTyped({ isTyped }: Done): boolean {
  return isTyped;
}

function textOf({ text }: Done): string {
  return text;
}

/** The names in the console: of streams that were looked at. */
function namesOf({ observer }: Console) {
  const samplesOf = (words: readonly string[]) =>
    words.flatMap((word) => observer.stream(word)?.sample ?? []);
  return {
    get keys(): readonly string[] {
      return observer.keys.value ?? [];
    },
    groupsOf: (words: readonly string[]) =>
      samplesOf(words).flatMap(({ groups }) => groups.map(({ name }) => name)),
    consumersOf: (words: readonly string[]) =>
      samplesOf(words).flatMap(({ groups }) =>
        groups
          .filter(({ name }) => words.includes(name))
          .flatMap(({ members }) => (members ?? []).map(({ name }) => name)),
      ),
  };
}

function Transcript({ done }: { done: readonly Done[] }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [done]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keys
    <div class="transcript" role="log" aria-label="Commands and replies" tabIndex={0} ref={box}>
      {done.length === 0 && (
        <p class="muted">Type a command: XADD orders * item tea, XINFO STREAM orders …</p>
      )}
      {done.toReversed().map((one) => (
        <Exchange key={one.number} done={one} />
      ))}
    </div>
  );
}

function Exchange({ done }: { done: Done }) {
  const { outcome, text } = done;
  const reply = useMemo(() => (done.isRead ? "" : outcomeText(done)), [outcome]);
  return (
    <div class="exchange" data-state={outcome.state} data-typed={done.isTyped}>
      <p class="sent">
        <span class="prompt" aria-hidden="true">
          ›
        </span>
        <code>{text}</code>
        {outcome.state !== "running" && outcome.tookMs > 0 && (
          <span class="muted took">{span(outcome.tookMs)}</span>
        )}
        {outcome.state === "listening" && (
          <button type="button" class="danger" aria-label={`Stop ${text}`} onClick={outcome.stop}>
            Stop
          </button>
        )}
      </p>
      {reply !== "" && <pre class="reply">{reply}</pre>}
    </div>
  );
}

function outcomeText({ outcome, text }: Done): string {
  switch (outcome.state) {
    case "running":
      return "…";
    case "refused":
      return `(error) ${outcome.problem}${reasonOf(outcome.problem)}`;
    case "answered":
      return replyText(text, outcome.reply);
    case "listening":
    case "stopped":
      return heardText(outcome);
  }
}

/** Redis speaks of slots of a cluster, of which a Worker has none. */
function reasonOf(problem: string): string {
  if (!problem.startsWith("CROSSSLOT")) return "";
  return "\nOn a Worker each stream is an object of its own, and nothing happens in two at once. Keys with the same {tag} are in one.";
}

function heardText({ messages, before, state }: Listening): string {
  const earlier = before === 0 ? [] : [`… ${count(before)} before these`];
  const end = state === "stopped" ? "(stopped)" : "listening …";
  return [...earlier, ...messages.map((message) => replyText("", message)), end].join("\n");
}
