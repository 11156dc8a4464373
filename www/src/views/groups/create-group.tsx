/** Makes a group: at the start, at the end, behind an ID or at a time. */

import { useSignal } from "@preact/signals";
import { problemOf } from "../../base/format.ts";
import { useConsole } from "../../console.ts";
import { ProblemLine } from "../../parts/problem.tsx";

/** The form. */
export function CreateGroup({ name }: { name: string }) {
  const { commands, observer, router } = useConsole();
  const group = useSignal("");
  const start = useSignal<"0" | "$" | "id">("0");
  const id = useSignal("");
  const problem = useSignal<string | null>(null);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    const from = start.value === "id" ? id.value : start.value;
    const made = group.value;
    try {
      await commands.run(["XGROUP", "CREATE", name, made, from, "MKSTREAM"]);
      group.value = "";
      problem.value = null;
      observer.lookNow();
      router.go({ room: "stream", key: name, tab: "groups", at: made });
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <form class="inline create-group" onSubmit={(event) => void create(event)}>
      <input
        aria-label="Name of a new group"
        placeholder="New group…"
        required
        spellcheck={false}
        value={group.value}
        onInput={(event) => (group.value = event.currentTarget.value)}
      />
      <select
        aria-label="Where it begins"
        value={start.value}
        onChange={(event) => (start.value = event.currentTarget.value as typeof start.value)}
      >
        <option value="0">from the start</option>
        <option value="$">with what comes next</option>
        <option value="id">behind an ID</option>
      </select>
      {start.value === "id" && (
        <input
          aria-label="ID behind which it begins"
          placeholder="ms-seq"
          required
          pattern="\d+(-\d+)?"
          value={id.value}
          onInput={(event) => (id.value = event.currentTarget.value)}
        />
      )}
      <button type="submit">Create</button>
      <ProblemLine problem={problem.value} />
    </form>
  );
}
