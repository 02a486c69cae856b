import { type KeyboardEvent, useState } from 'react';

const moves: Readonly<Record<string, (at: number | null, last: number) => number | null>> = {
  ArrowRight: (at, last) => Math.min(last, (at ?? -1) + 1),
  ArrowLeft: (at, last) => Math.max(0, (at ?? last + 1) - 1),
  Home: () => 0,
  End: (_, last) => last,
  Escape: () => null,
};

/**
 * A chart as one stop of the Tab key, in which arrows go from place to place: the place that is told about, and what its
 * box takes. `tell` says a place in words.
 */
export const useStops = (title: string, places: number, tell: (place: number) => string) => {
  const [at, setAt] = useState<number | null>(null);
  const last = Math.max(0, places - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    setAt(move(at, last));
  };
  const leave = (): void => setAt(null);
  const box = {
    className: 'chart',
    role: 'slider',
    tabIndex: 0,
    'aria-label': title,
    'aria-valuemin': 0,
    'aria-valuemax': last,
    'aria-valuenow': at ?? last,
    'aria-valuetext': places === 0 ? 'nothing' : tell(at ?? last),
    onKeyDown,
    onBlur: leave,
    onPointerLeave: leave,
  } as const;
  return { at, setAt, box };
};

/** Where what is told stands: on the side that has room. */
export const hintPlace = (x: number, width: number) => (x > width / 2 ? { right: width - x + 12 } : { left: x + 12 });
