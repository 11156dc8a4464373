/** Prometheus' text format: metrics, each with its help, its kind and its samples. */

/** What a metric is. */
export type Kind = "counter" | "gauge";

/** Names of dimensions and their values. */
export type Labels = Readonly<Record<string, string>>;

/** Collects samples, metric by metric. */
export class Exposition {
  readonly #metrics = new Map<string, string[]>();

  /** Adds a sample; none for a value that is not known. */
  add(name: string, kind: Kind, help: string, value: unknown, labels: Labels = {}): void {
    const number = typeof value === "number" ? value : Number(value ?? Number.NaN);
    if (Number.isNaN(number)) return;
    let lines = this.#metrics.get(name);
    if (lines === undefined) {
      lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
      this.#metrics.set(name, lines);
    }
    lines.push(`${name}${labelText(labels)} ${number}`);
  }

  /** The whole text. */
  text(): string {
    return [...this.#metrics.values(), []].map((lines) => lines.join("\n")).join("\n");
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
