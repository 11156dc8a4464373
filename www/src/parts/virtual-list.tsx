// biome-ignore-all lint/a11y/useSemanticElements: rows that stand where they are placed are no table
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which row is current
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys
/**
 * A list of any length of which only the rows in view exist. Rows are of one height. It is a grid
 * to who cannot see it: one row is current, the arrow keys move it, Enter takes it.
 */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows that exist above and below those in view. */
const SPARE = 8;

/** What a list is made of. */
export interface VirtualListProps {
  /** What the list is, for who cannot see it. */
  readonly label: string;
  readonly count: number;
  /** Pixels of a row. */
  readonly rowHeight: number;
  /** What makes a row the same one when others come before it. */
  readonly keyOf: (index: number) => string;
  /** The cells of a row. */
  readonly row: (index: number) => ComponentChildren;
  readonly isSelected?: (index: number) => boolean;
  /** Called when a row is clicked, or taken by Enter. */
  readonly onTake?: (index: number) => void;
  /**
   * Rows that have ever been put before the first, less those taken away there. When it changes,
   * what is in view stays where it is, unless the view is at the top and `followsTop`.
   */
  readonly before?: number;
  readonly followsTop?: boolean;
  /** The row that is at the top at first. */
  readonly start?: number;
  /** Stays at the end while rows are added there. */
  readonly followsEnd?: boolean;
  /** Called with the rows in view. */
  readonly onView?: (first: number, last: number) => void;
}

interface Place {
  readonly top: number;
  readonly height: number;
}

/** The list. It fills its parent's height. */
export function VirtualList(props: VirtualListProps) {
  const { label, count, rowHeight } = props;
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place>({ top: 0, height: 600 });
  const [current, setCurrent] = useState(-1);
  useSteadyView(box, props, setPlace);
  const first = Math.max(0, Math.floor(place.top / rowHeight) - SPARE);
  const last = Math.min(count, Math.ceil((place.top + place.height) / rowHeight) + SPARE);
  const [top, bottom] = [Math.min(first + SPARE, last - 1), Math.max(last - SPARE, first)];
  useLayoutEffect(() => props.onView?.(place.top === 0 ? 0 : top, bottom), [top, bottom, count]);
  const move = (event: KeyboardEvent): void => {
    const next = nextRow(event.key, current, count, Math.floor(place.height / rowHeight));
    if (next === null) return;
    event.preventDefault();
    if (event.key === "Enter") props.onTake?.(current);
    else showRow(box.current, next, rowHeight);
    setCurrent(next);
  };
  const rows: number[] = [];
  for (let index = first; index < last; index++) rows.push(index);
  return (
    <div
      class="virtual"
      ref={box}
      role="grid"
      aria-label={label}
      aria-rowcount={count}
      aria-activedescendant={current >= first && current < last ? rowId(current) : undefined}
      tabIndex={0}
      onScroll={(event) => setPlace(placeOf(event.currentTarget))}
      onKeyDown={move}
    >
      <div class="virtual-rows" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        {rows.map((index) => (
          <div
            key={props.keyOf(index)}
            id={rowId(index)}
            class="virtual-row"
            role="row"
            aria-rowindex={index + 1}
            aria-selected={props.isSelected?.(index) ?? false}
            data-current={index === current}
            style={{ transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }}
            onClick={() => {
              setCurrent(index);
              props.onTake?.(index);
            }}
          >
            {props.row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Keeps what is in view where it is while rows come and go, and knows how high the view is. */
function useSteadyView(
  box: { readonly current: HTMLDivElement | null },
  { count, rowHeight, before = 0, start = 0, followsTop, followsEnd }: VirtualListProps,
  setPlace: (place: Place) => void,
): void {
  const known = useRef({ before, count });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { before: then, count: had } = known.current;
    known.current = { before, count };
    const atTop = element.scrollTop < rowHeight;
    const atEnd = element.scrollTop + element.clientHeight >= (had - 2) * rowHeight;
    if (followsEnd === true && atEnd) element.scrollTop = element.scrollHeight;
    else if (before !== then && !(followsTop === true && atTop))
      element.scrollTop += (before - then) * rowHeight;
    setPlace(placeOf(element));
  }, [before, count]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    if (start > 0) element.scrollTop = start * rowHeight;
    const size = new ResizeObserver(() => setPlace(placeOf(element)));
    size.observe(element);
    return () => size.disconnect();
  }, []);
}

function placeOf({ scrollTop, clientHeight }: HTMLElement): Place {
  return { top: scrollTop, height: clientHeight };
}

/** The row to which a key leads; `null` for a key that leads nowhere. */
function nextRow(key: string, current: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const within = (index: number): number => Math.max(0, Math.min(count - 1, index));
  switch (key) {
    case "ArrowDown":
      return within(current + 1);
    case "ArrowUp":
      return within(current - 1);
    case "PageDown":
      return within(current + page);
    case "PageUp":
      return within(current - page);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    case "Enter":
      return current < 0 ? null : within(current);
    default:
      return null;
  }
}

function showRow(box: HTMLElement | null, index: number, rowHeight: number): void {
  if (box === null) return;
  const top = index * rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + box.clientHeight)
    box.scrollTop = top + rowHeight - box.clientHeight;
}

function rowId(index: number): string {
  return `row-${index}`;
}
