/** The groups of a stream: how far each is, who its consumers are, what is pending. */

import { useSignal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { count, counted, problemOf, span } from "../format.ts";
import { type GroupInfo, type Groups, PENDING_SHOWN, type PendingEntry } from "../groups.ts";

/** The groups, and the form that makes another. */
export function GroupList({
  db,
  stream,
  groups,
}: {
  db: Eddyline;
  stream: string;
  groups: Groups;
}) {
  const list = groups.list.value;
  return (
    <section class="card groups" aria-labelledby="groups-title">
      <header>
        <h2 id="groups-title">Groups</h2>
      </header>
      {groups.problem.value !== null && (
        <p class="problem" role="alert">
          {groups.problem.value}
        </p>
      )}
      {list?.length === 0 && <p class="empty">No group reads this stream yet.</p>}
      {list?.map((group) => (
        <Group key={group.name} group={group} />
      ))}
      <CreateGroup db={db} stream={stream} />
    </section>
  );
}

function Group({ group }: { group: GroupInfo }) {
  return (
    <article class="group" aria-label={`Group ${group.name}`}>
      <h3>{group.name}</h3>
      <dl class="numbers">
        <div data-fact="pending" data-some={group.pending > 0}>
          <dt>pending</dt>
          <dd>{count(group.pending)}</dd>
        </div>
        <div data-fact="lag">
          <dt>not yet delivered</dt>
          <dd>{group.lag === null ? "unknown" : count(group.lag)}</dd>
        </div>
        <div>
          <dt>delivered up to</dt>
          <dd>
            <code>{group.lastDeliveredId}</code>
          </dd>
        </div>
      </dl>
      {group.consumers.length > 0 && <Consumers group={group} />}
      {group.pending > 0 && <Pending group={group} />}
    </article>
  );
}

function Consumers({ group }: { group: GroupInfo }) {
  return (
    <table>
      <caption class="hidden">Consumers of {group.name}</caption>
      <thead>
        <tr>
          <th scope="col">consumer</th>
          <th scope="col" class="number">
            pending
          </th>
          <th scope="col" class="number">
            last seen
          </th>
        </tr>
      </thead>
      <tbody>
        {group.consumers.map(({ name, pending, idleMs }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{count(pending)}</td>
            <td class="number muted">{span(idleMs)} ago</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pending({ group }: { group: GroupInfo }) {
  // The two were read one after the other and need not agree to the entry.
  const listed = group.oldestPending.length;
  const more = listed < PENDING_SHOWN ? 0 : group.pending - listed;
  return (
    <details class="pending" open>
      <summary>{counted(group.pending, "entry", "entries")} pending</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keys */}
      <section class="scroll" tabIndex={0} aria-label={`Pending entries of ${group.name}`}>
        <table>
          <thead class="pending-head">
            <tr>
              <th scope="col">entry</th>
              <th scope="col">with</th>
              <th scope="col" class="number">
                since
              </th>
              <th scope="col" class="number" title="How often it was delivered">
                times
              </th>
            </tr>
          </thead>
          <tbody>
            {group.oldestPending.map((entry) => (
              <PendingRow key={entry.id} entry={entry} />
            ))}
          </tbody>
        </table>
      </section>
      {more > 0 && (
        <p class="foot muted">
          The oldest {PENDING_SHOWN} are listed, {count(more)} more follow.
        </p>
      )}
    </details>
  );
}

function PendingRow({ entry }: { entry: PendingEntry }) {
  return (
    <tr>
      <td>
        <code>{entry.id}</code>
      </td>
      <td>{entry.consumer}</td>
      <td class="number muted">{span(entry.idleMs)}</td>
      <td class="number">{count(entry.deliveries)}</td>
    </tr>
  );
}

function CreateGroup({ db, stream }: { db: Eddyline; stream: string }) {
  const name = useSignal("");
  const from = useSignal<"0" | "$">("0");
  const problem = useSignal<string | null>(null);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await db.xGroupCreate(stream, name.value, from.value, { MKSTREAM: true });
      name.value = "";
      problem.value = null;
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <form class="create-group" onSubmit={(event) => void create(event)}>
      <label class="hidden" for="group-name">
        Name of a new group
      </label>
      <input
        id="group-name"
        placeholder="New group…"
        autocomplete="off"
        spellcheck={false}
        required
        value={name.value}
        onInput={(event) => (name.value = event.currentTarget.value)}
      />
      <label class="hidden" for="group-from">
        Where it begins
      </label>
      <select
        id="group-from"
        value={from.value}
        onChange={(event) => (from.value = event.currentTarget.value === "$" ? "$" : "0")}
      >
        <option value="0">from the start</option>
        <option value="$">only new</option>
      </select>
      <button type="submit">Create</button>
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
    </form>
  );
}
