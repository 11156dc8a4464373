/** The groups of a stream: what needs attention first, and one of them in full. */

import { count, counted, rate, span } from "../../base/format.ts";
import { useConsole } from "../../console.ts";
import { noticeOfGroup } from "../../observe/attention.ts";
import { type ObservedStream, RATE_MS } from "../../observe/observer.ts";
import type { GroupSample } from "../../observe/sample.ts";
import "../../style/groups.css";
import type { StreamRoute, TabProps } from "../stream-room.tsx";
import { CreateGroup } from "./create-group.tsx";
import { GroupView } from "./group-view.tsx";

/** The tab. */
export function GroupsTab({ db, name, route }: TabProps) {
  const { observer } = useConsole();
  const stream = observer.stream(name);
  const groups = stream === null ? [] : byUrgency(stream);
  const chosen = groups.find((group) => group.name === route.at) ?? groups[0];
  return (
    <div class="groups">
      {stream !== null && groups.length === 0 && (
        <p class="empty">No group reads this stream yet.</p>
      )}
      {stream !== null && groups.length > 0 && (
        <GroupTable route={route} stream={stream} groups={groups} chosen={chosen?.name} />
      )}
      <CreateGroup name={name} />
      {stream !== null && chosen !== undefined && (
        <GroupView key={chosen.name} db={db} stream={stream} group={chosen} />
      )}
    </div>
  );
}

function byUrgency(stream: ObservedStream): GroupSample[] {
  const notices = new Map(
    stream.sample.groups.map((group) => [group.name, noticeOfGroup(stream, group)]),
  );
  const urgency = ({ name }: GroupSample): number => notices.get(name)?.urgency ?? 0;
  const weight = ({ name }: GroupSample): number => notices.get(name)?.weight ?? 0;
  return stream.sample.groups.toSorted((a, b) => urgency(b) - urgency(a) || weight(b) - weight(a));
}

interface GroupTableProps {
  readonly route: StreamRoute;
  readonly stream: ObservedStream;
  readonly groups: readonly GroupSample[];
  readonly chosen: string | undefined;
}

function GroupTable({ route, stream, groups, chosen }: GroupTableProps) {
  return (
    <div class="group-table card">
      <table class="small">
        <caption class="hidden">Groups, what needs attention first</caption>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">Attention</th>
            <th scope="col">Lag</th>
            <th scope="col">Pending</th>
            <th scope="col">Pending for</th>
            <th scope="col">Read/s</th>
            <th scope="col">Consumers</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <GroupRow
              key={group.name}
              route={route}
              stream={stream}
              group={group}
              isChosen={group.name === chosen}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface GroupRowProps {
  readonly route: StreamRoute;
  readonly stream: ObservedStream;
  readonly group: GroupSample;
  readonly isChosen: boolean;
}

function GroupRow({ route, stream, group, isChosen }: GroupRowProps) {
  const { router } = useConsole();
  const to: StreamRoute = { ...route, tab: "groups", at: group.name };
  const notice = noticeOfGroup(stream, group);
  const { oldestPending } = group;
  return (
    <tr data-chosen={isChosen}>
      <th scope="row">
        <a
          href={router.href(to)}
          aria-current={isChosen ? "true" : undefined}
          onClick={(event) => {
            event.preventDefault();
            router.go(to);
          }}
        >
          {group.name}
        </a>
      </th>
      <td class="attention" data-urgency={notice.urgency}>
        {notice.text}
      </td>
      <td title={group.lag === null ? "Nobody can tell" : counted(group.lag, "entry", "entries")}>
        {group.lag === null ? "unknown" : count(group.lag)}
      </td>
      <td>{count(group.pending)}</td>
      <td>{oldestPending === null ? "–" : pendingFor(oldestPending.idleMs)}</td>
      <td>{rate(stream.group(group.name).rate("read", RATE_MS))}</td>
      <td>{count(group.consumers)}</td>
    </tr>
  );
}

/** What was given back has no time of delivery. */
function pendingFor(idleMs: number): string {
  return idleMs < 0 ? "given back" : span(idleMs);
}
