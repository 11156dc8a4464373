/** One group in full: figures over time, consumers, what is pending, and what one can do about it. */

import { useSignal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { count, problemOf, span } from "../../base/format.ts";
import { useConsole } from "../../console.ts";
import type { GroupWork } from "../../groups/work.ts";
import { type ObservedStream, RATE_MS } from "../../observe/observer.ts";
import type { GroupSample } from "../../observe/sample.ts";
import { Chart } from "../../parts/chart.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { ProblemLine } from "../../parts/problem.tsx";
import { ConsumersCard } from "./consumers-card.tsx";
import { DeadLettersCard } from "./dead-letters-card.tsx";
import { PendingCard } from "./pending-card.tsx";
import { PositionCard } from "./position-card.tsx";

/** What the parts of a group's view are given. */
export interface GroupProps {
  readonly db: Eddyline;
  readonly stream: ObservedStream;
  readonly group: GroupSample;
}

/** The view. */
export function GroupView(props: GroupProps) {
  const { group } = props;
  return (
    <article class="group" aria-label={`Group ${group.name}`}>
      <header class="group-head">
        <h2>{group.name}</h2>
        <Facts group={group} />
      </header>
      <Charts {...props} />
      <PendingCard {...props} />
      <ConsumersCard {...props} />
      <div class="cards">
        <PositionCard {...props} />
        <DeadLettersCard {...props} />
        <DestroyCard {...props} />
      </div>
    </article>
  );
}

/** The group as one acts on it. */
export function useGroupWork({ stream, group }: GroupProps): GroupWork {
  const { commands } = useConsole();
  return { commands, key: stream.sample.key, group: group.name };
}

function Facts({ group }: { group: GroupSample }) {
  return (
    <dl class="facts">
      <div data-fact="lag">
        <dt>lag</dt>
        <dd>{group.lag === null ? "unknown" : count(group.lag)}</dd>
      </div>
      <div data-fact="pending" data-some={group.pending > 0}>
        <dt>pending</dt>
        <dd>{count(group.pending)}</dd>
      </div>
      <div data-fact="delivered">
        <dt>delivered up to</dt>
        <dd>
          <code>{group.lastDeliveredId}</code>
        </dd>
      </div>
    </dl>
  );
}

function Charts({ stream, group }: GroupProps) {
  const series = stream.group(group.name);
  const times = series.times();
  return (
    <div class="charts">
      <Chart
        title="Entries"
        times={times}
        curves={[
          { label: "lag", values: series.values("lag"), colour: "--one" },
          { label: "pending", values: series.values("pending"), colour: "--two" },
        ]}
      />
      <Chart
        title="A second"
        times={stream.series.times()}
        curves={[
          { label: "added", values: stream.series.rates("added", RATE_MS), colour: "--three" },
          { label: "read", values: align(series.rates("read", RATE_MS), stream), colour: "--one" },
        ]}
        text={(value) =>
          value < 10 ? String(Math.round(value * 10) / 10) : count(Math.round(value))
        }
      />
      <Chart
        title="Oldest pending"
        times={times}
        curves={[{ label: "age", values: series.values("pendingAgeMs"), colour: "--two" }]}
        text={span}
      />
    </div>
  );
}

/** A group that came later than its stream has fewer readings. */
function align(values: readonly (number | null)[], { series }: ObservedStream): (number | null)[] {
  const missing = series.times().length - values.length;
  return [...Array<null>(Math.max(0, missing)).fill(null), ...values];
}

function DestroyCard({ stream, group }: GroupProps) {
  const { commands, observer, router } = useConsole();
  const problem = useSignal<string | null>(null);
  const { key } = stream.sample;
  const act = async (): Promise<void> => {
    try {
      await commands.run(["XGROUP", "DESTROY", key, group.name]);
      observer.lookNow();
      router.go({ room: "stream", key, tab: "groups" });
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <section class="card" aria-labelledby="destroy-title">
      <h3 id="destroy-title">Destroy the group</h3>
      <p class="muted">
        Its position, its consumers and what they have pending. The entries stay in the stream.
      </p>
      <Confirm
        label="Destroy the group"
        question={`Destroy ${group.name} with ${count(group.pending)} pending?`}
        onConfirm={() => void act()}
      />
      <ProblemLine problem={problem.value} />
    </section>
  );
}
