/** One stream: what comes in on the left, who takes it on the right. */

import type { Eddyline } from "eddyline";
import { count, counted } from "../format.ts";
import { watchGroups } from "../groups.ts";
import type { FeedPlayer } from "../player.ts";
import { FEED_STREAM } from "../streams.ts";
import { followStream } from "../tail.ts";
import { AddEntry } from "./add-entry.tsx";
import { Entries } from "./entries.tsx";
import { Feed } from "./feed.tsx";
import { GroupList } from "./group-list.tsx";
import { useLive } from "./live.ts";

/** The stream that is looked at. */
export function StreamPage({
  db,
  name,
  player,
}: {
  db: Eddyline;
  name: string;
  player: FeedPlayer | null;
}) {
  const tail = useLive((stop) => followStream(db, name, stop), [db, name]);
  const groups = useLive((stop) => watchGroups(db, name, stop), [db, name]);
  const length = tail?.length.value ?? 0;
  const perSecond = tail?.perSecond.value ?? 0;
  return (
    <main id="main" class="stream">
      <div class="title">
        <h1>{name}</h1>
        <p class="facts">
          <span data-fact="length">{counted(length, "entry", "entries")}</span>
          {perSecond > 0 && (
            <span>
              {perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))} a second
            </span>
          )}
        </p>
      </div>
      {name === FEED_STREAM && player !== null && <Feed player={player} />}
      <div class="halves">
        <div class="half">
          <AddEntry db={db} stream={name} />
          {tail !== null && <Entries tail={tail} />}
        </div>
        <div class="half">
          {groups !== null && <GroupList db={db} stream={name} groups={groups} />}
        </div>
      </div>
    </main>
  );
}
