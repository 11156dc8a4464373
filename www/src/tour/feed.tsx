/** The earthquakes feed: play it, watch three consumers share it, stop one and see what remains. */

import type { Delivered } from "../../../examples/earthquakes/consume.ts";
import { BANDS, isOfFeed } from "../../../examples/earthquakes/feed.ts";
import { count, counted } from "../base/format.ts";
import { ProblemLine } from "../parts/problem.tsx";
import { FEED_GROUP, type FeedConsumer, type FeedPlayer, PACES } from "./player.ts";

/** The magnitude from which an event stands out. */
const STRONG = 4;
/** How many squares are drawn for a consumer. */
const SQUARES = 20;

interface ConsumerProps {
  readonly consumer: FeedConsumer;
  readonly index: number;
  readonly player: FeedPlayer;
}

/** The panel above the feed's stream. */
export function Feed({ player }: { player: FeedPlayer }) {
  return (
    <section class="card feed" aria-labelledby="feed-title">
      <header>
        <h2 id="feed-title">A week of earthquakes</h2>
        <Controls player={player} />
      </header>
      <p class="muted lead">
        Real events from the USGS, each under its own time as ID. Three consumers of the group{" "}
        <code>{FEED_GROUP}</code> share them. Stop one in the middle of its work: what it holds
        stays pending until it comes back or another takes it over.
      </p>
      <Progress player={player} />
      <ProblemLine problem={player.problem.value} />
      <div class="sharing">
        <div class="consumers">
          {player.consumers.map((consumer, index) => (
            <Consumer key={consumer.name} index={index} consumer={consumer} player={player} />
          ))}
        </div>
        <Magnitudes player={player} />
      </div>
    </section>
  );
}

function Controls({ player }: { player: FeedPlayer }) {
  const state = player.state.value;
  return (
    <div class="controls">
      <label>
        <span class="hidden">Pace</span>
        <select
          aria-label="Pace"
          value={player.pace.value}
          onChange={(event) => (player.pace.value = Number(event.currentTarget.value))}
        >
          {PACES.map((pace) => (
            <option key={pace} value={pace}>
              {pace} a second
            </option>
          ))}
        </select>
      </label>
      {state === "playing" && (
        <button type="button" onClick={() => player.pause()}>
          Pause
        </button>
      )}
      {state !== "playing" && state !== "over" && (
        <button
          type="button"
          class="primary"
          disabled={state === "loading"}
          onClick={() => void player.play()}
        >
          {state === "paused" ? "Go on" : "Play"}
        </button>
      )}
      {state !== "ready" && state !== "loading" && (
        <button type="button" onClick={() => void player.startOver()}>
          Start over
        </button>
      )}
    </div>
  );
}

function Progress({ player }: { player: FeedPlayer }) {
  const events = player.events.value;
  const appended = player.appended.value;
  const acknowledged = player.acknowledged.value;
  return (
    <div class="progress">
      <div class="track" aria-hidden="true">
        <div class="track-part appended" style={{ width: percent(appended, events) }} />
        <div class="track-part acknowledged" style={{ width: percent(acknowledged, events) }} />
      </div>
      <p class="legend">
        <span data-fact="appended">{count(appended)} in the stream</span>
        <span data-fact="acknowledged">{count(acknowledged)} acknowledged</span>
        {events > 0 && <span data-fact="events">{count(events)} in the file</span>}
      </p>
    </div>
  );
}

function Consumer({ consumer, index, player }: ConsumerProps) {
  const { name } = consumer;
  const working = consumer.working.value;
  const holds = consumer.holds.value;
  return (
    <article
      class="consumer"
      data-consumer={name}
      data-number={index + 1}
      data-working={working}
      aria-label={`Consumer ${name}`}
    >
      <header>
        <h3>{name}</h3>
        <span class="state">{stateOf(consumer)}</span>
        <span class="done">
          <strong>{count(consumer.done.value)}</strong> done
          {!working && holds.length > 0 && (
            <span class="left"> · {count(holds.length)} left pending</span>
          )}
        </span>
        <ConsumerControls consumer={consumer} player={player} />
      </header>
      <Held consumer={consumer} />
    </article>
  );
}

function stateOf(consumer: FeedConsumer): string {
  if (consumer.relieved.value) return "relieved";
  if (!consumer.working.value) return "stopped";
  return consumer.holds.value.length > 0 ? "at work" : "waiting";
}

function ConsumerControls({ consumer, player }: Omit<ConsumerProps, "index">) {
  const { name } = consumer;
  if (consumer.working.value) {
    return (
      <div class="controls">
        <button type="button" onClick={() => player.stopConsumer(name)} aria-label={`Stop ${name}`}>
          Stop
        </button>
      </div>
    );
  }
  const othersWork = player.consumers.some((other) => other.working.value);
  return (
    <div class="controls">
      {consumer.holds.value.length > 0 && othersWork && !consumer.relieved.value && (
        <button
          type="button"
          onClick={() => void player.handOver(name)}
          aria-label={`Hand over what ${name} left`}
        >
          Hand over
        </button>
      )}
      <button
        type="button"
        disabled={player.appended.value === 0 || consumer.relieved.value}
        onClick={() => player.startConsumer(name)}
        aria-label={`Start ${name}`}
      >
        Start
      </button>
    </div>
  );
}

/** One square for each entry that the consumer was given and has not acknowledged. */
function Held({ consumer }: { consumer: FeedConsumer }) {
  const holds = consumer.holds.value;
  const more = holds.length - SQUARES;
  return (
    <ul class="held" aria-label={`${counted(holds.length, "entry", "entries")} in hand`}>
      {holds.slice(0, SQUARES).map(({ id, message }) => (
        <li key={id} title={message.place ?? id} data-strong={isStrong(message)}>
          {message.mag ?? "?"}
        </li>
      ))}
      {more > 0 && <li class="more">+{count(more)}</li>}
    </ul>
  );
}

/** Whether an entry tells of an earthquake that people notice. */
function isStrong(message: Delivered["message"]): boolean {
  return isOfFeed(message) && Number(message.mag) >= STRONG;
}

function Magnitudes({ player }: { player: FeedPlayer }) {
  const totals = player.totals.value;
  const expected = player.expected.value;
  const most = Math.max(...expected);
  const agree = player.events.value > 0 && totals.every((total, band) => total === expected[band]);
  return (
    <div class="magnitudes">
      <table>
        <caption>
          Acknowledged by magnitude
          {agree && <span class="agree">agrees with the file to the last event</span>}
        </caption>
        <thead class="hidden">
          <tr>
            <th scope="col">magnitude</th>
            <th scope="col">share</th>
            <th scope="col">acknowledged</th>
            <th scope="col">in the file</th>
          </tr>
        </thead>
        <tbody>
          {BANDS.map((band, index) => (
            <Magnitude
              key={band}
              band={band}
              total={totals[index] ?? 0}
              expected={expected[index] ?? 0}
              most={most}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface MagnitudeProps {
  readonly band: string;
  readonly total: number;
  readonly expected: number;
  readonly most: number;
}

function Magnitude({ band, total, expected, most }: MagnitudeProps) {
  return (
    <tr>
      <th scope="row" class="band">
        {band}
      </th>
      <td class="share">
        <div class="track" style={{ width: percent(expected, most) }}>
          <div class="track-part acknowledged" style={{ width: percent(total, expected) }} />
        </div>
      </td>
      <td class="number">{count(total)}</td>
      <td class="number muted">of {count(expected)}</td>
    </tr>
  );
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0%" : `${Math.min(100, (100 * part) / whole)}%`;
}
