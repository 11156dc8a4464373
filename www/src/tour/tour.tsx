/** The playground: the earthquakes feed, and three consumers that share it. */

import type { Eddyline } from "eddyline";
import { useLive } from "../base/live.ts";
import { useConsole } from "../console.ts";
import { Feed } from "./feed.tsx";
import { FEED_STREAM, FeedPlayer } from "./player.ts";

/** The room. */
export function Tour() {
  const { connection, observer, router } = useConsole();
  const db = connection.db.value;
  const player = useLive((stop) => (db === null ? null : startPlayer(db, stop)), [db]);
  if (player === null) return null;
  const open = (event: Event): void => {
    event.preventDefault();
    router.go({ room: "stream", key: FEED_STREAM, tab: "live" });
  };
  return (
    <main id="main" class="room" tabIndex={-1}>
      <h1>Playground</h1>
      <Feed player={player} />
      {observer.stream(FEED_STREAM) !== null && (
        <p>
          <a href={router.href({ room: "stream", key: FEED_STREAM, tab: "live" })} onClick={open}>
            Look at the stream
          </a>
        </p>
      )}
    </main>
  );
}

function startPlayer(db: Eddyline, stop: AbortSignal): FeedPlayer {
  const player = new FeedPlayer(db, stop);
  void player.begin();
  return player;
}
