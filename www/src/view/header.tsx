/** Name, state of the connection, and the switch between the back ends. */

import { type Backend, openBackend, type Session, session } from "../session.ts";

const BACKENDS: readonly { backend: Backend; label: string; title: string }[] = [
  { backend: "tab", label: "This tab", title: "The engine runs in this page; nothing leaves it" },
  {
    backend: "worker",
    label: "Worker",
    title: "The Worker that served this page; streams are kept",
  },
];

/** The bar at the top. */
export function Header() {
  const now = session.value;
  return (
    <header class="bar">
      <div class="brand">
        <Mark />
        <span>Eddyline</span>
      </div>
      <p class="connection" role="status" data-state={now.state}>
        {describe(now)}
      </p>
      <fieldset class="switch">
        <legend class="hidden">Where the streams live</legend>
        {BACKENDS.map(({ backend, label, title }) => (
          <label key={backend} title={title}>
            <input
              type="radio"
              name="backend"
              value={backend}
              checked={now.backend === backend}
              onChange={() => void openBackend(backend)}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
    </header>
  );
}

function describe(now: Session): string {
  switch (now.state) {
    case "open":
      return now.backend === "tab" ? "Engine in this tab" : `Worker at ${location.host}`;
    case "opening":
      return "Opening…";
    case "locked":
      return "Needs a token";
    case "failed":
      return "Not connected";
  }
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 10h17a5 5 0 1 1-5 5M3 17h5M3 24h15a4.5 4.5 0 0 0 4.5-4.5" />
    </svg>
  );
}
