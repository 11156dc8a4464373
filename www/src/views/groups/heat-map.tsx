/** Pending entries by age and by deliveries: each cell can be pressed, to see only what is in it. */

import { count, counted } from "../../base/format.ts";
import { AGES, DELIVERIES, type Heat, type HeatCell, warmth } from "../../groups/heat.ts";

interface HeatMapProps {
  readonly heat: Heat;
  readonly chosen: HeatCell | null;
  readonly onChoose: (cell: HeatCell | null) => void;
}

/** The map. */
export function HeatMap({ heat: counts, chosen, onChoose }: HeatMapProps) {
  const most = Math.max(...counts.flat());
  const ages = [...AGES.keys()].filter((age) => age > 0 || counts[0]?.some((cell) => cell > 0));
  const columns = [...DELIVERIES.keys()].filter(
    (at) => at > 0 || counts.some((row) => (row[0] ?? 0) > 0),
  );
  return (
    <table class="heat">
      <caption>Last delivered, by how often</caption>
      <thead>
        <tr>
          <td />
          {columns.map((at) => (
            <th key={at} scope="col">
              {DELIVERIES[at]?.label}×
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ages.map((age) => (
          <tr key={age}>
            <th scope="row">{AGES[age]?.label}</th>
            {columns.map((deliveries) => (
              <Cell
                key={deliveries}
                cell={{ age, deliveries }}
                value={counts[age]?.[deliveries] ?? 0}
                most={most}
                isChosen={chosen?.age === age && chosen?.deliveries === deliveries}
                onChoose={onChoose}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  readonly cell: HeatCell;
  readonly value: number;
  readonly most: number;
  readonly isChosen: boolean;
  readonly onChoose: (cell: HeatCell | null) => void;
}

function Cell({ cell, value, most, isChosen, onChoose }: CellProps) {
  const [age, deliveries] = [AGES[cell.age]?.label, DELIVERIES[cell.deliveries]?.label];
  return (
    <td>
      {value > 0 && (
        <button
          type="button"
          data-warmth={warmth(value, most)}
          aria-pressed={isChosen}
          aria-label={`${counted(value, "entry", "entries")}, ${age}, delivered ${deliveries} times`}
          onClick={() => onChoose(isChosen ? null : cell)}
        >
          {count(value)}
        </button>
      )}
    </td>
  );
}
