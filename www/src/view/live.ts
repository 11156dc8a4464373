/** Ties what runs beside the page (reads that wait, timers) to a component's life. */

import { useEffect, useState } from "preact/hooks";

/**
 * Runs `start` when the component appears and whenever `inputs` change; the signal it is given
 * aborts when that is over. Returns what `start` returned, `null` before it ran.
 */
export function useLive<T>(start: (stop: AbortSignal) => T, inputs: readonly unknown[]): T | null {
  const [live, setLive] = useState<T | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const started = start(stop.signal);
    setLive(() => started);
    return () => stop.abort();
  }, inputs);
  return live;
}
