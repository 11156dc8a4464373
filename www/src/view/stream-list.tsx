/** The streams one has opened, and the field that opens another. */

import { useSignal } from "@preact/signals";
import { count } from "../format.ts";
import type { Backend } from "../session.ts";
import {
  chooseStream,
  chosenStream,
  FEED_STREAM,
  forgetStream,
  type KnownStream,
  streams,
} from "../streams.ts";

/** The list at the side. */
export function StreamList({ backend }: { backend: Backend }) {
  return (
    <nav class="streams" aria-label="Streams">
      <h2>Streams</h2>
      <ul class="stream-names">
        {streams.value.map((stream) => (
          <Item key={stream.name} backend={backend} stream={stream} />
        ))}
      </ul>
      <OpenStream backend={backend} />
    </nav>
  );
}

function Item({ backend, stream }: { backend: Backend; stream: KnownStream }) {
  const { name, length } = stream;
  const current = name === chosenStream.value;
  return (
    <li class="stream-item" data-current={current}>
      <button
        type="button"
        class="plain"
        aria-current={current ? "page" : undefined}
        onClick={() => chooseStream(backend, name)}
      >
        <span class="name">{name}</span>
        <span class="length">{length === null ? "–" : count(length)}</span>
      </button>
      {name !== FEED_STREAM && (
        <button
          type="button"
          class="plain forget"
          aria-label={`Take ${name} off the list`}
          title="Take off the list; the stream stays"
          onClick={() => forgetStream(backend, name)}
        >
          ×
        </button>
      )}
    </li>
  );
}

function OpenStream({ backend }: { backend: Backend }) {
  const name = useSignal("");
  const open = (event: Event): void => {
    event.preventDefault();
    if (name.value === "") return;
    chooseStream(backend, name.value);
    name.value = "";
  };
  return (
    <form class="open-stream" onSubmit={open}>
      <label class="hidden" for="stream-name">
        Name of a stream
      </label>
      <input
        id="stream-name"
        placeholder="Stream name"
        autocomplete="off"
        spellcheck={false}
        value={name.value}
        onInput={(event) => (name.value = event.currentTarget.value)}
      />
      <button type="submit">Open</button>
    </form>
  );
}
