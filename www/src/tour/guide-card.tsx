/** What to try next in the playground, and what is pending meanwhile. */

import type { Eddyline } from "eddyline";
import { count, span } from "../base/format.ts";
import { useLive } from "../base/live.ts";
import type { Route } from "../base/router.ts";
import { useConsole } from "../console.ts";
import { PendingList } from "../groups/pending.ts";
import { type Guide, lessonOf, STEPS, type Step } from "./guide.ts";
import { FEED_GROUP, FEED_STREAM, type FeedPlayer } from "./player.ts";

/** Pending entries that are listed. */
const LISTED = 6;

interface GuideProps {
  readonly db: Eddyline;
  readonly guide: Guide;
  readonly player: FeedPlayer;
}

/** The card. */
export function GuideCard({ db, guide, player }: GuideProps) {
  const step = guide.step.value;
  const stopped = guide.stopped.value?.name;
  const heir = player.consumers.find(({ working }) => working.value)?.name ?? "another";
  const lesson = step === null ? null : lessonOf(step, stopped ?? "a stopped one", heir);
  return (
    <section class="card guide" aria-labelledby="guide-title">
      <ol class="guide-steps" aria-label="Steps of the tour">
        {STEPS.map((one, at) => (
          <li
            key={one}
            class="guide-step"
            data-state={stateOf(one, step)}
            aria-current={one === step ? "step" : undefined}
          >
            <span class="hidden">{lessonOf(one, "it", "another").title}</span>
            <span aria-hidden="true">{at + 1}</span>
          </li>
        ))}
      </ol>
      <div class="lesson" role="status">
        <h2 id="guide-title">{lesson?.title ?? "Every event once"}</h2>
        <p>
          {lesson?.text ?? "Stopped, claimed or not: each earthquake was counted exactly once."}
        </p>
        {lesson !== null && <code>{lesson.command}</code>}
      </div>
      {step !== null && <Next step={step} guide={guide} player={player} />}
      {(step === "pending" || step === "claim") && <Pending db={db} />}
    </section>
  );
}

function stateOf(one: Step, step: Step | null): "done" | "now" | "later" {
  if (step === null || STEPS.indexOf(one) < STEPS.indexOf(step)) return "done";
  return one === step ? "now" : "later";
}

/** One button that does what the step is about. */
function Next({ step, guide, player }: Omit<GuideProps, "db"> & { readonly step: Step }) {
  const stopped = guide.stopped.value;
  const busiest = player.consumers
    .filter(({ working }) => working.value)
    .toSorted((a, b) => b.holds.value.length - a.holds.value.length)[0];
  const idle = player.consumers.find(({ working, relieved }) => !working.value && !relieved.value);
  const button = (label: string, act: () => void) => (
    <button type="button" class="primary" onClick={act}>
      {label}
    </button>
  );
  if (step === "play")
    return player.state.value === "loading" ? null : button("Begin", () => void player.play());
  if (step === "pending") return button("Next", () => guide.seen());
  if (step === "claim" && stopped !== undefined)
    return button("Claim it now", () => void player.handOver(stopped.name));
  // Whoever has nothing in hand leaves nothing pending.
  if (step === "stop" || step === "claim")
    return busiest !== undefined && busiest.holds.value.length > 0
      ? button(`Interrupt ${busiest.name}`, () => player.stopConsumer(busiest.name))
      : null;
  return idle === undefined
    ? null
    : button(`Let ${idle.name} work again`, () => player.startConsumer(idle.name));
}

/** The group's pending entries list as the server has it. */
function Pending({ db }: { db: Eddyline }) {
  const { router } = useConsole();
  const list = useLive((stop) => new PendingList(db, FEED_STREAM, FEED_GROUP, stop), [db]);
  const entries = list?.view.value?.entries ?? [];
  const route: Route = { room: "stream", key: FEED_STREAM, tab: "groups", at: FEED_GROUP };
  return (
    <div class="guide-pending">
      <table class="small">
        <caption>The group's pending entries, the first of {count(entries.length)}</caption>
        <thead>
          <tr>
            <th scope="col">ID</th>
            <th scope="col">consumer</th>
            <th scope="col">delivered</th>
            <th scope="col">times</th>
          </tr>
        </thead>
        <tbody>
          {entries.slice(0, LISTED).map(({ id, consumer, idleMs, deliveries }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>{consumer}</td>
              <td>{span(idleMs)} ago</td>
              <td>{count(deliveries)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <a
        href={router.href(route)}
        onClick={(event) => {
          event.preventDefault();
          router.go(route);
        }}
      >
        All of the group
      </a>
    </div>
  );
}
