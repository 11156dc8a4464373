/** The page's frame: whom it talks to, which streams there are, the one that is looked at. */

import type { Eddyline } from "eddyline";
import { FeedPlayer } from "../player.ts";
import { type Backend, openBackend, type Session, session } from "../session.ts";
import { chosenStream, watchStreams } from "../streams.ts";
import { Header } from "./header.tsx";
import { useLive } from "./live.ts";
import { Locked } from "./locked.tsx";
import { StreamList } from "./stream-list.tsx";
import { StreamPage } from "./stream-page.tsx";

/** The whole page. */
export function App() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the stream
      </a>
      <Header />
      <Room session={session.value} />
    </>
  );
}

function Room({ session }: { session: Session }) {
  switch (session.state) {
    case "open":
      return <Open key={session.backend} backend={session.backend} db={session.db} />;
    case "locked":
      return <Locked problem={session.problem} />;
    case "opening":
      return (
        <main id="main" class="notice" aria-busy="true">
          <p>Opening…</p>
        </main>
      );
    case "failed":
      return (
        <main id="main" class="notice">
          <h1>
            {session.backend === "worker" ? "No Worker answers here" : "The engine did not start"}
          </h1>
          <p role="alert">{session.problem}</p>
          {session.backend === "worker" && (
            <p class="muted">
              <code>npm start</code> starts one. The engine in this tab needs none: the switch is at
              the top.
            </p>
          )}
          <p>
            <button type="button" onClick={() => void openBackend(session.backend)}>
              Try again
            </button>
          </p>
        </main>
      );
  }
}

function Open({ backend, db }: { backend: Backend; db: Eddyline }) {
  useLive((stop) => void watchStreams(backend, db, stop), [backend, db]);
  const player = useLive((stop) => startPlayer(db, stop), [db]);
  const name = chosenStream.value;
  return (
    <div class="rooms">
      <StreamList backend={backend} />
      <StreamPage key={name} db={db} name={name} player={player} />
    </div>
  );
}

function startPlayer(db: Eddyline, stop: AbortSignal): FeedPlayer {
  const player = new FeedPlayer(db, stop);
  void player.begin();
  return player;
}
