/** What went wrong, where a screen reader speaks it at once. */

/** A paragraph, or nothing while there is no problem. */
export function ProblemLine({ problem }: { readonly problem: string | null }) {
  if (problem === null) return null;
  return (
    <p class="problem" role="alert">
      {problem}
    </p>
  );
}
