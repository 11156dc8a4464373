/** The playground: the earthquakes feed, three consumers that share it, and what to try with them. */

import type { Eddyline } from "eddyline";
import { type Console, useConsole } from "../console.ts";
import "../style/tour.css";
import { RoomFrame } from "../views/room-frame.tsx";
import { Feed } from "./feed.tsx";
import { FeedCommands } from "./feed-commands.ts";
import { FeedCommandsCard } from "./feed-commands-card.tsx";
import { Guide } from "./guide.ts";
import { GuideCard } from "./guide-card.tsx";
import { FEED_STREAM, FeedPlayer } from "./player.ts";

/** A feed that is played, and how far the tour has got. */
interface Show {
  readonly player: FeedPlayer;
  readonly guide: Guide;
  readonly feedCommands: FeedCommands;
}

/** What is played on each back end: it goes on while one looks elsewhere. */
const shows = new WeakMap<Eddyline, Show>();

/** The room. */
export function Tour() {
  const console = useConsole();
  const { observer, router } = console;
  const db = console.connection.db.value;
  if (db === null) return null;
  const { player, guide, feedCommands } = showOn(console, db);
  const open = (event: Event): void => {
    event.preventDefault();
    router.go({ room: "stream", key: FEED_STREAM, tab: "live" });
  };
  return (
    <RoomFrame class="room">
      <h1>Playground</h1>
      <GuideCard db={db} guide={guide} player={player} />
      <Feed player={player} />
      <FeedCommandsCard commands={feedCommands} />
      {observer.stream(FEED_STREAM) !== null && (
        <p>
          <a href={router.href({ room: "stream", key: FEED_STREAM, tab: "live" })} onClick={open}>
            Look at the stream
          </a>
        </p>
      )}
    </RoomFrame>
  );
}

/** The show on a back end, which ends when the console leaves it. */
function showOn({ commands, connection }: Console, db: Eddyline): Show {
  const known = shows.get(db);
  if (known !== undefined) return known;
  const end = new AbortController();
  const feedCommands = new FeedCommands();
  const player = new FeedPlayer(db, end.signal, {
    deed: (command) => commands.note(command),
    routine: (command) => feedCommands.note(command),
  });
  const show = { player, guide: new Guide(player, end.signal), feedCommands };
  shows.set(db, show);
  const stopWatching = connection.db.subscribe((now) => {
    if (now === db) return;
    end.abort();
    shows.delete(db);
    // Not within the very call that makes the subscription.
    queueMicrotask(() => stopWatching());
  });
  void player.begin();
  return show;
}
