/** One stream: its figures, and the tabs below them. */

import type { Eddyline } from "eddyline";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { bytes, counted, idAge, rate } from "../base/format.ts";
import { type Route, STREAM_TABS, type StreamTab } from "../base/router.ts";
import { useConsole } from "../console.ts";
import type { ObservedStream } from "../observe/observer.ts";
import { later } from "../parts/later.tsx";
import "../style/stream.css";
import { LiveTab } from "./live-tab.tsx";
import { RoomFrame } from "./room-frame.tsx";

const HistoryTab = later(async () => (await import("./history-tab.tsx")).HistoryTab);
const ManageTab = later(async () => (await import("./manage-tab.tsx")).ManageTab);
const GroupsTab = later(async () => (await import("./groups/groups-tab.tsx")).GroupsTab);

/** The address of a stream's page. */
export type StreamRoute = Extract<Route, { room: "stream" }>;

/** What a tab is given. */
export interface TabProps {
  readonly db: Eddyline;
  /** The stream's key. */
  readonly name: string;
  readonly route: StreamRoute;
}

const TITLES: Readonly<Record<StreamTab, string>> = {
  live: "Live",
  history: "History",
  groups: "Groups",
  manage: "Trim and export",
};

/** A stream's page. */
export function StreamRoom({ db, route }: { db: Eddyline; route: StreamRoute }) {
  const { observer } = useConsole();
  const { key } = route;
  useEffect(() => observer.want([key], true), [observer, key]);
  const stream = observer.stream(key);
  const props = { db, name: key, route };
  return (
    <RoomFrame class="room stream-room">
      <Head name={key} stream={stream} />
      <Tabs route={route} groups={stream?.sample.groups.length ?? 0} />
      {route.tab === "live" && <LiveTab {...props} />}
      {route.tab === "history" && <HistoryTab {...props} />}
      {route.tab === "groups" && <GroupsTab {...props} />}
      {route.tab === "manage" && <ManageTab {...props} />}
    </RoomFrame>
  );
}

function Head({ name, stream }: { name: string; stream: ObservedStream | null }) {
  const { observer, router } = useConsole();
  return (
    <header class="stream-head">
      <p class="crumb">
        <a
          href={router.href({ room: "streams" })}
          onClick={(event) => {
            event.preventDefault();
            router.go({ room: "streams" });
          }}
        >
          Streams
        </a>
      </p>
      <h1>{name}</h1>
      {stream === null ? (
        <p class="muted">{observer.keys.value === null ? "…" : "No such stream yet."}</p>
      ) : (
        <Facts stream={stream} />
      )}
    </header>
  );
}

function Facts({ stream }: { stream: ObservedStream }) {
  const { sample } = stream;
  return (
    <dl class="facts">
      <Fact name="length" title="entries">
        {counted(sample.length, "entry", "entries")}
      </Fact>
      {sample.bytes !== null && (
        <Fact name="bytes" title="bytes">
          {bytes(sample.bytes)}
        </Fact>
      )}
      <Fact name="in" title="in">
        {rate(stream.inPerSecond)}/s
      </Fact>
      {sample.groups.length > 0 && (
        <Fact name="out" title="out">
          {rate(stream.outPerSecond)}/s
        </Fact>
      )}
      {sample.firstId !== null && (
        <Fact name="oldest" title="oldest">
          {idAge(sample.firstId)}
        </Fact>
      )}
      {sample.lastId !== null && (
        <Fact name="newest" title="newest">
          {idAge(sample.lastId)}
        </Fact>
      )}
    </dl>
  );
}

function Fact(props: { name: string; title: string; children: ComponentChildren }) {
  return (
    <div data-fact={props.name}>
      <dt>{props.title}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Tabs({ route, groups }: { route: StreamRoute; groups: number }) {
  const { router } = useConsole();
  return (
    <nav class="tabs" aria-label="Parts of the stream">
      {STREAM_TABS.map((tab) => {
        const to: StreamRoute = { room: "stream", key: route.key, tab };
        return (
          <a
            key={tab}
            href={router.href(to)}
            aria-current={tab === route.tab ? "page" : undefined}
            onClick={(event) => {
              event.preventDefault();
              router.go(to);
            }}
          >
            {TITLES[tab]}
            {tab === "groups" && groups > 0 && <span class="badge">{groups}</span>}
          </a>
        );
      })}
    </nav>
  );
}
