/** Values over time, drawn by uPlot, which is loaded with the first chart. */

import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { count } from "../base/format.ts";

/** One curve. */
export interface Curve {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** The custom property that has its colour. */
  readonly colour: "--one" | "--two" | "--three";
}

/** What a chart shows. */
export interface ChartProps {
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly curves: readonly Curve[];
  /** A value as text; a count when it is left out. */
  readonly text?: (value: number) => string;
}

const HEIGHT = 132;

/** The chart, with the latest values beside its title. */
export function Chart({ title, times, curves, text = count }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new Plot(element, curves, text);
    plot.current = made;
    return () => made.end();
  }, []);
  useEffect(() => plot.current?.show([times.map((ms) => ms / 1000), ...curves.map(valuesOf)]));
  const latest = curves.map(({ label, values }) => {
    const value = values.at(-1) ?? null;
    return `${label} ${value === null ? "unknown" : text(value)}`;
  });
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        {curves.map(({ label, colour }, at) => (
          <span key={label} class="chart-value" data-colour={colour}>
            {latest[at]}
          </span>
        ))}
      </figcaption>
      <div
        class="plot"
        ref={box}
        role="img"
        aria-label={`${title} over time: ${latest.join(", ")}`}
      />
    </figure>
  );
}

function valuesOf({ values }: Curve): (number | null)[] {
  return [...values];
}

/** The drawing, which comes when uPlot has come. */
class Plot {
  readonly #box: HTMLElement;
  readonly #size: ResizeObserver;
  readonly #scheme = matchMedia("(prefers-color-scheme: dark)");
  readonly #recolour = (): void => this.#plot?.redraw();
  #plot: uPlot | null = null;
  #data: uPlot.AlignedData = [[]];
  #isOver = false;

  constructor(box: HTMLElement, curves: readonly Curve[], text: (value: number) => string) {
    this.#box = box;
    this.#size = new ResizeObserver(() => {
      this.#plot?.setSize({ width: box.clientWidth, height: HEIGHT });
    });
    this.#scheme.addEventListener("change", this.#recolour);
    void this.#draw(curves, text);
  }

  show(data: uPlot.AlignedData): void {
    this.#data = data;
    this.#plot?.setData(data);
  }

  end(): void {
    this.#isOver = true;
    this.#size.disconnect();
    this.#scheme.removeEventListener("change", this.#recolour);
    this.#plot?.destroy();
  }

  async #draw(curves: readonly Curve[], text: (value: number) => string): Promise<void> {
    const { default: Drawing } = await import("uplot");
    if (this.#isOver) return;
    this.#plot = new Drawing(optionsOf(this.#box, curves, text), this.#data, this.#box);
    this.#size.observe(this.#box);
  }
}

function optionsOf(
  box: HTMLElement,
  curves: readonly Curve[],
  text: (value: number) => string,
): uPlot.Options {
  // Asked at each drawing: light and dark may change.
  const colour = (name: string) => (): string => colourOf(box, name);
  const axis = { stroke: colour("--muted"), font: "11px system-ui", ticks: { show: false } };
  const grid = { stroke: colour("--line"), width: 1 };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 70, incrs: SECONDS, values: clockTimes },
      { ...axis, grid, size: 52, space: 30, values: (_plot, ticks) => ticks.map(text) },
    ],
    series: [
      {},
      ...curves.map(({ label, colour: name }) => ({
        label,
        stroke: colour(name),
        width: 1.5,
        points: { show: false },
      })),
    ],
  };
}

/** What may lie between two ticks: whole seconds, as that is what is written. */
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

function clockTimes(_plot: uPlot, ticks: number[]): string[] {
  return ticks.map((seconds) => CLOCK.format(seconds * 1000));
}

/** A custom property as a colour that a canvas knows: `light-dark()` is none. */
function colourOf(box: HTMLElement, name: string): string {
  box.style.color = `var(${name})`;
  const { color } = getComputedStyle(box);
  box.style.color = "";
  return color;
}
