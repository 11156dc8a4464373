/** The groups of a stream: how far each is, who its consumers are. */

import { useSignal } from "@preact/signals";
import { count, problemOf, span } from "../base/format.ts";
import { useConsole } from "../console.ts";
import type { GroupSample } from "../observe/sample.ts";
import type { TabProps } from "./stream-room.tsx";

/** The tab. */
export function GroupsTab({ name }: TabProps) {
  const { observer } = useConsole();
  const groups = observer.stream(name)?.sample.groups ?? null;
  return (
    <section class="groups" aria-label="Groups">
      {groups?.length === 0 && <p class="empty">No group reads this stream yet.</p>}
      {groups?.map((group) => (
        <Group key={group.name} group={group} />
      ))}
      <CreateGroup name={name} />
    </section>
  );
}

function Group({ group }: { group: GroupSample }) {
  return (
    <article class="group card" aria-label={`Group ${group.name}`}>
      <h2>{group.name}</h2>
      <dl class="facts">
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
      {group.members !== null && group.members.length > 0 && <Consumers group={group} />}
    </article>
  );
}

function Consumers({ group }: { group: GroupSample }) {
  return (
    <table class="small">
      <thead>
        <tr>
          <th scope="col">consumer</th>
          <th scope="col">pending</th>
          <th scope="col">last seen</th>
        </tr>
      </thead>
      <tbody>
        {group.members?.map((consumer) => (
          <tr key={consumer.name}>
            <th scope="row">{consumer.name}</th>
            <td>{count(consumer.pending)}</td>
            <td>{span(consumer.idleMs)} ago</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CreateGroup({ name }: { name: string }) {
  const { commands, observer } = useConsole();
  const group = useSignal("");
  const start = useSignal("0");
  const problem = useSignal<string | null>(null);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await commands.run(["XGROUP", "CREATE", name, group.value, start.value, "MKSTREAM"]);
      group.value = "";
      problem.value = null;
      observer.lookNow();
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <form class="inline" onSubmit={(event) => void create(event)}>
      <input
        aria-label="Name of a new group"
        placeholder="New group…"
        required
        spellcheck={false}
        value={group.value}
        onInput={(event) => (group.value = event.currentTarget.value)}
      />
      <select
        aria-label="Where it begins"
        value={start.value}
        onChange={(event) => (start.value = event.currentTarget.value)}
      >
        <option value="0">from the start</option>
        <option value="$">with what comes next</option>
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
