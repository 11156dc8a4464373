/** Where one chooses a back end: the engine in this tab, one kept in this browser, a server. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { problemOf } from "../base/format.ts";
import { kindOf, MEMORY, readAddress, shortName } from "../connection/address.ts";
import type { ConnectionState } from "../connection/connection.ts";
import { useConsole } from "../console.ts";
import { ProblemLine } from "../parts/problem.tsx";
import { RoomFrame } from "./room-frame.tsx";

/** What is shown of a problem: what answers may be a page of somebody else. */
const PROBLEM_CHARACTERS = 200;

/** The room without a back end. */
export function Connect() {
  const { connection } = useConsole();
  const state = connection.state.value;
  if (state.state === "opening") {
    return (
      <RoomFrame class="connect" isBusy>
        <p class="muted">Opening {shortName(state.address)}…</p>
      </RoomFrame>
    );
  }
  return (
    <RoomFrame class="connect">
      <h1>{state.state === "locked" ? "This server wants a token" : "Where are your streams?"}</h1>
      {state.state === "failed" && <Failed state={state} />}
      <Server key={addressOf(state)} state={state} />
      <InBrowser />
      <Recent />
    </RoomFrame>
  );
}

function addressOf(state: ConnectionState): string {
  return state.state === "none" ? "" : state.address;
}

function Failed({ state }: { state: Extract<ConnectionState, { state: "failed" }> }) {
  const { connection } = useConsole();
  const { address, problem } = state;
  const isServer = kindOf(address) === "server";
  return (
    <section class="notice" role="alert">
      <h2>{isServer ? `No answer from ${shortName(address)}` : "The engine did not start"}</h2>
      <p class="problem">{problem.slice(0, PROBLEM_CHARACTERS)}</p>
      {isServer && (
        <p class="muted">
          This page may talk to the server that it came from. For another one run{" "}
          <code>npx eddyline console https://host</code>.
        </p>
      )}
      <button type="button" onClick={() => void connection.open(address)}>
        Try again
      </button>
    </section>
  );
}

/** An address, its token, and whether that may be remembered. */
function Server({ state }: { state: ConnectionState }) {
  const { connection } = useConsole();
  const given = addressOf(state);
  const address = useSignal(given !== "" && kindOf(given) === "server" ? given : ownServer());
  const token = useSignal("");
  const remember = useSignal(false);
  const problem = useSignal<string | null>(state.state === "locked" ? state.problem : null);
  const open = (event: Event): void => {
    event.preventDefault();
    try {
      const at = readAddress(address.value);
      const value = token.value === "" ? connection.keeping.tokenFor(at) : token.value;
      const kept = value === null ? undefined : { token: value, remember: remember.value };
      void connection.open(at, kept);
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <Choice
      title="A server"
      hint="The Worker, eddyline serve --http or eddyline console: one socket carries everything."
    >
      <form class="stack" onSubmit={open}>
        <label>
          Address
          <input
            name="address"
            autocomplete="off"
            spellcheck={false}
            value={address.value}
            onInput={(event) => (address.value = event.currentTarget.value)}
          />
        </label>
        <label>
          Token
          <input
            name="token"
            type="password"
            autocomplete="off"
            value={token.value}
            onInput={(event) => (token.value = event.currentTarget.value)}
          />
        </label>
        {connection.keeping.remembers && (
          <label class="check">
            <input
              type="checkbox"
              checked={remember.value}
              onChange={(event) => (remember.value = event.currentTarget.checked)}
            />
            Remember the token in this browser, not only for this tab
          </label>
        )}
        <ProblemLine problem={problem.value} />
        <button type="submit" class="primary">
          Connect
        </button>
      </form>
    </Choice>
  );
}

/** The server that the page came from; nothing for a page that came from none. */
function ownServer(): string {
  return URL.canParse(location.origin) ? readAddress(location.origin) : "";
}

function InBrowser() {
  const { connection, router, tour } = useConsole();
  const name = useSignal("console");
  const openTour = (): void => {
    router.go({ room: "tour" });
    void connection.open(MEMORY);
  };
  const openMemory = (): void => {
    router.go({ room: "streams" });
    void connection.open(MEMORY);
  };
  const openKept = (event: Event): void => {
    event.preventDefault();
    router.go({ room: "streams" });
    void connection.open(`idb://${encodeURIComponent(name.value)}`);
  };
  return (
    <div class="choices">
      <Choice
        title={tour === null ? "An engine in this tab" : "The playground"}
        hint={
          tour === null
            ? "Its streams end with the page. Nothing leaves it."
            : "A minute with real earthquakes, three consumers, and an engine in this tab. Nothing leaves it."
        }
      >
        {tour !== null && (
          <button type="button" class="primary" onClick={openTour}>
            Start the tour
          </button>
        )}
        <button type="button" onClick={openMemory}>
          An empty engine
        </button>
      </Choice>
      <Choice
        title="Kept in this browser"
        hint="The same engine, its streams in IndexedDB: there again next time."
      >
        <form class="inline" onSubmit={openKept}>
          <input
            aria-label="Name of the database"
            required
            spellcheck={false}
            value={name.value}
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
          <button type="submit">Open</button>
        </form>
      </Choice>
    </div>
  );
}

function Recent() {
  const { connection, router } = useConsole();
  const recent = connection.keeping.recentAddresses();
  if (recent.length === 0) return null;
  return (
    <Choice title="Open lately">
      <ul class="recent">
        {recent.map((address) => (
          <li key={address}>
            <button
              type="button"
              class="plain"
              onClick={() => {
                router.go({ room: "streams" });
                void connection.open(address);
              }}
            >
              {shortName(address)}
              <span class="muted">{address}</span>
            </button>
          </li>
        ))}
      </ul>
    </Choice>
  );
}

function Choice(props: { title: string; hint?: string; children: ComponentChildren }) {
  return (
    <section class="choice card">
      <h2>{props.title}</h2>
      {props.hint !== undefined && <p class="muted">{props.hint}</p>}
      {props.children}
    </section>
  );
}
