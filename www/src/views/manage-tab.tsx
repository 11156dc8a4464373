/** What one does to a stream as a whole: trim it, with a look at what would go; export it; delete it. */

import { useSignal } from "@preact/signals";
import { problemOf } from "../base/format.ts";
import { useConsole } from "../console.ts";
import { Confirm } from "../parts/confirm.tsx";
import { ProblemLine } from "../parts/problem.tsx";
import { ExportCard } from "./export-card.tsx";
import type { TabProps } from "./stream-room.tsx";
import { TrimCard } from "./trim-card.tsx";

/** The tab. */
export function ManageTab({ db, name }: TabProps) {
  return (
    <div class="cards">
      <TrimCard db={db} name={name} />
      <ExportCard db={db} name={name} />
      <DeleteCard name={name} />
    </div>
  );
}

function DeleteCard({ name }: { name: string }) {
  const { commands, observer, router } = useConsole();
  const problem = useSignal<string | null>(null);
  const act = async (): Promise<void> => {
    try {
      await commands.run(["DEL", name]);
      observer.lookNow();
      router.go({ room: "streams" });
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <section class="card" aria-labelledby="delete-title">
      <h2 id="delete-title">Delete the stream</h2>
      <p class="muted">All entries, all groups and what they have pending.</p>
      <Confirm
        label="Delete the stream"
        question={`Delete ${name} with everything in it?`}
        onConfirm={() => void act()}
      />
      <ProblemLine problem={problem.value} />
    </section>
  );
}
