/** Views that are loaded when they are first shown, so that the first look is not held up. */

import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { problemOf } from "../base/format.ts";

/** A view that `load` brings. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Later(props: Props) {
    const isHere = useSignal(loaded !== null);
    const problem = useSignal<string | null>(null);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (view) => {
          loaded = view;
          isHere.value = true;
        },
        (error) => {
          problem.value = problemOf(error);
        },
      );
    }, []);
    const View = loaded;
    if (isHere.value && View !== null) return <View {...props} />;
    return (
      <p class={problem.value === null ? "empty" : "empty problem"} role="status">
        {problem.value ?? "Loading…"}
      </p>
    );
  };
}
