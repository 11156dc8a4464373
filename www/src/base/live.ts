/** Things that live as long as a view is shown. */

import { useEffect, useState } from "preact/hooks";

/** Makes a thing that lives until the view goes or one of `inputs` changes; its signal aborts then. */
export function useLive<T>(make: (stop: AbortSignal) => T, inputs: readonly unknown[]): T | null {
  const [thing, setThing] = useState<T | null>(null);
  useEffect(() => {
    const end = new AbortController();
    const made = make(end.signal);
    setThing(() => made);
    return () => end.abort();
  }, inputs);
  return thing;
}
