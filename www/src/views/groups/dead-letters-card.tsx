/** The dead letters of a group: why they are there; sent round again, or deleted. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { counted, problemOf, timeOf } from "../../base/format.ts";
import { useConsole } from "../../console.ts";
import {
  deadKeyOf,
  deleteLetters,
  type Letter,
  MOST_LETTERS,
  readLetters,
  replay,
} from "../../groups/dead-letters.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { type GroupProps, useGroupWork } from "./group-view.tsx";

/** Dead letters that are drawn. */
const DRAWN = 50;

/** The card. */
export function DeadLettersCard(props: GroupProps) {
  const { observer, router } = useConsole();
  const work = useGroupWork(props);
  const deadKey = deadKeyOf(work.key, work.group);
  const outcome = useSignal<string | null>(null);
  const problem = useSignal<string | null>(null);
  const letters = useLetters(props, deadKey, problem);
  const act = async (done: string, each: () => Promise<void>): Promise<void> => {
    try {
      problem.value = null;
      await each();
      outcome.value = done;
    } catch (error) {
      problem.value = problemOf(error);
    }
    letters.value = await readLetters(props.db, deadKey).catch(() => letters.value);
    observer.lookNow();
  };
  const replayAll = (some: readonly Letter[]): void =>
    void act(`${counted(some.length, "letter", "letters")} sent round again.`, async () => {
      for (const letter of some.toReversed()) await replay(props.db, work, letter);
    });
  const remove = (some: readonly Letter[]): void =>
    void act(`${counted(some.length, "letter", "letters")} deleted.`, () =>
      deleteLetters(
        work,
        some.map(({ id }) => id),
      ),
    );
  return (
    <section class="card dead-letters" aria-labelledby="dead-title">
      <h3 id="dead-title">Dead letters</h3>
      <p class="muted">
        In{" "}
        <a
          href={router.href({ room: "stream", key: deadKey, tab: "live" })}
          onClick={(event) => {
            event.preventDefault();
            router.go({ room: "stream", key: deadKey, tab: "live" });
          }}
        >
          {deadKey}
        </a>
        {letters.value.length === 0 && ": none"}
      </p>
      {letters.value.length > 0 && (
        <Letters letters={letters.value} onReplay={replayAll} onDelete={remove} />
      )}
      <p class="outcome" role="status">
        {outcome.value}
        {problem.value !== null && <span class="problem">{problem.value}</span>}
      </p>
    </section>
  );
}

/** The letters, read again when the group was looked at. */
function useLetters(
  { db, stream }: GroupProps,
  deadKey: string,
  problem: Signal<string | null>,
): Signal<readonly Letter[]> {
  const letters = useSignal<readonly Letter[]>([]);
  useEffect(() => {
    readLetters(db, deadKey).then(
      (read) => (letters.value = read),
      (error) => (problem.value = problemOf(error)),
    );
  }, [db, deadKey, stream.sample.atMs]);
  return letters;
}

interface LettersProps {
  readonly letters: readonly Letter[];
  readonly onReplay: (letters: readonly Letter[]) => void;
  readonly onDelete: (letters: readonly Letter[]) => void;
}

function Letters({ letters, onReplay, onDelete }: LettersProps) {
  const most = letters.length === MOST_LETTERS ? "the newest " : "all ";
  const all = `${most}${counted(letters.length, "letter", "letters")}`;
  return (
    <>
      <ul class="letters">
        {letters.slice(0, DRAWN).map((letter) => (
          <li key={letter.id}>
            <span class="letter-id" title={timeOf(letter.id) ?? undefined}>
              {letter.origin === "" ? letter.id : letter.origin}
            </span>
            <span class="letter-reason">
              {letter.reason === "" ? "no reason given" : letter.reason}
            </span>
            <button
              type="button"
              aria-label={`Replay ${letter.origin}`}
              onClick={() => onReplay([letter])}
            >
              Replay
            </button>
            <Confirm
              label="Delete"
              question="Delete this dead letter?"
              onConfirm={() => onDelete([letter])}
            />
          </li>
        ))}
      </ul>
      {letters.length > DRAWN && (
        <p class="muted">{counted(letters.length - DRAWN, "more", "more")}</p>
      )}
      <div class="tools">
        <Confirm
          label="Replay all"
          question={`Replay ${all}?`}
          onConfirm={() => onReplay(letters)}
        />
        <Confirm
          label="Delete all"
          question={`Delete ${all}?`}
          onConfirm={() => onDelete(letters)}
        />
      </div>
    </>
  );
}
