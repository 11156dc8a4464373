/** A curve the size of a word. */

const WIDTH = 56;
const HEIGHT = 16;
/** Readings that are drawn. */
const READINGS = 60;

/** Draws the latest of `values`; those not known are left out. It says nothing that is not beside it. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const known = values.slice(-READINGS).filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (known.length < 2 || low === high) return <svg class="spark" aria-hidden="true" />;
  const step = WIDTH / (READINGS - 1);
  const left = WIDTH - (known.length - 1) * step;
  const points = known.map((value, at) => {
    const y = HEIGHT - 1 - ((value - low) / (high - low)) * (HEIGHT - 2);
    return `${(left + at * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polyline points={points.join(" ")} />
    </svg>
  );
}
