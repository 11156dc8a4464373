/** The consumers of a group: who has what, who is silent. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { count, problemOf, rate, span } from "../../base/format.ts";
import { useConsole } from "../../console.ts";
import { type ConsumerRate, Throughput } from "../../groups/throughput.ts";
import type { ConsumerSample } from "../../observe/sample.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { ProblemLine } from "../../parts/problem.tsx";
import { type GroupProps, useGroupWork } from "./group-view.tsx";

/** The card. */
export function ConsumersCard(props: GroupProps) {
  const { group } = props;
  const work = useGroupWork(props);
  const { observer } = useConsole();
  const throughput = useThroughput(props);
  const problem = useSignal<string | null>(null);
  const remove = async (consumer: string): Promise<void> => {
    try {
      await work.commands.run(["XGROUP", "DELCONSUMER", work.key, work.group, consumer]);
      problem.value = null;
      observer.lookNow();
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  if (group.members === null || group.members.length === 0) return null;
  return (
    <section class="card consumers-card" aria-labelledby="consumers-title">
      <h3 id="consumers-title">Consumers</h3>
      <div class="wide">
        <table class="small">
          <thead>
            <tr>
              <th scope="col">Consumer</th>
              <th scope="col">Pending</th>
              <th scope="col" title="Entries it was given a second">
                Given/s
              </th>
              <th scope="col" title="Since it last asked for anything">
                Idle
              </th>
              <th scope="col" title="Since it last was given something">
                Inactive
              </th>
              <td />
            </tr>
          </thead>
          <tbody>
            {byPending(group.members).map((consumer) => (
              <ConsumerRow
                key={consumer.name}
                consumer={consumer}
                given={throughput.rate(consumer.name)}
                onRemove={() => void remove(consumer.name)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <ProblemLine problem={problem.value} />
      {group.members.some(({ name }) => throughput.rate(name)?.isEstimate) && (
        <p class="muted small-print">≈ the group's rate, shared out among those that were active</p>
      )}
    </section>
  );
}

function useThroughput({ db, stream, group }: GroupProps): Throughput {
  const { key, atMs } = stream.sample;
  const throughput = useMemo(() => new Throughput(), [db, key, group.name]);
  const revision = useSignal(0);
  // Read, so that it is drawn when a look was taken.
  revision.value;
  useEffect(() => {
    throughput.take(db, key, group, atMs).then(
      () => revision.value++,
      // The observer tells that there is no answer; the figure is simply not known.
      () => {},
    );
  }, [throughput, atMs]);
  return throughput;
}

/** Those that have the most first. */
function byPending(members: readonly ConsumerSample[]): ConsumerSample[] {
  return members.toSorted((a, b) => b.pending - a.pending || (a.name < b.name ? -1 : 1));
}

interface ConsumerRowProps {
  readonly consumer: ConsumerSample;
  readonly given: ConsumerRate | null;
  readonly onRemove: () => void;
}

function ConsumerRow({ consumer, given, onRemove }: ConsumerRowProps) {
  const { name, pending, idleMs, inactiveMs } = consumer;
  return (
    <tr data-consumer-row={name}>
      <th scope="row">{name}</th>
      <td data-fact="pending">{count(pending)}</td>
      <td data-fact="given">{givenText(given)}</td>
      <td data-fact="idle">{span(idleMs)}</td>
      <td data-fact="inactive">{inactiveMs === null ? "never given any" : span(inactiveMs)}</td>
      <td>
        <Confirm
          label="Remove"
          question={
            pending === 0
              ? `Remove ${name}?`
              : `Remove ${name}? The ${count(pending)} pending with it are pending no more.`
          }
          onConfirm={onRemove}
        />
      </td>
    </tr>
  );
}

function givenText(given: ConsumerRate | null): string {
  if (given === null) return "–";
  return `${given.isEstimate ? "≈ " : ""}${rate(given.perSecond)}`;
}
