import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import { type CSSProperties, type KeyboardEvent, useState } from 'react';
import './charts.css';
import './lines.css';
import { useWidth } from '../width.ts';
import { BehindChart } from './behind.tsx';
import { Ticks } from './ticks.tsx';

export type Drawn = {
  key: string;
  label: string;
  /** Of another period: dashed, in the colour of the line that it is compared with. */
  isBefore: boolean;
  color: number;
  values: readonly (number | null)[];
  /** A value as it is told. */
  say: (value: number | null) => string;
};

export type Place = { at: string; name: string };

const colors = 8;
const left = 52;
const right = 8;
const top = 10;
const bottom = 28;
const height = 330;

const moves: Readonly<Record<string, (at: number | null, last: number) => number | null>> = {
  ArrowRight: (at, last) => Math.min(last, (at ?? -1) + 1),
  ArrowLeft: (at, last) => Math.max(0, (at ?? last + 1) - 1),
  Home: () => 0,
  End: (_, last) => last,
  Escape: () => null,
};

export const colorOf = (color: number): string => `var(--line-${color % colors})`;
const keyStyle = (color: number): CSSProperties => ({ '--key': colorOf(color) }) as CSSProperties;

/** Lines over the same intervals on one scale. One stop of the Tab key; arrows go from interval to interval. */
export const Lines = ({
  title,
  places,
  isPartial,
  lines,
}: {
  title: string;
  /** The intervals: their starts and names. */
  places: readonly Place[];
  /** Whether the last one is not over. */
  isPartial: boolean;
  lines: readonly Drawn[];
}) => {
  const { ref, width } = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const last = places.length - 1;
  const tell = (place: number): string =>
    `${places[place]?.name ?? ''}: ${lines.map(({ label, values, say }) => `${label} ${say(values[place] ?? null)}`).join(', ')}`;
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    setAt(move(at, last));
  };
  return (
    <figure>
      <div
        ref={ref}
        className="chart"
        style={{ height }}
        role="slider"
        tabIndex={0}
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={at ?? Math.max(0, last)}
        aria-valuetext={tell(at ?? last)}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(null)}
        onPointerLeave={() => setAt(null)}
      >
        {width > 0 && (
          <Drawing places={places} lines={lines} isPartial={isPartial} width={width} at={at} setAt={setAt} />
        )}
        {at !== null && (
          <div className="hint" style={hintPlace(at, places.length, width)} aria-hidden>
            <div className="small soft">{places[at]?.name}</div>
            {lines.map(({ key, label, color, isBefore, values, say }) => (
              <div key={key} className="row apart">
                <span className={isBefore ? 'key trend-key before' : 'key trend-key'} style={keyStyle(color)}>
                  {label}
                </span>
                <strong className="num">{say(values[at] ?? null)}</strong>
              </div>
            ))}
          </div>
        )}
      </div>
      <div className="row wrap" style={{ gap: '4px 14px', marginTop: 8 }}>
        {lines.map(({ key, label, color, isBefore }) => (
          <span key={key} className={isBefore ? 'key trend-key before' : 'key trend-key'} style={keyStyle(color)}>
            {label}
          </span>
        ))}
      </div>
      <BehindChart
        caption={title}
        head={['From', ...lines.map(({ label }) => label)]}
        rows={places.map(({ name }, place) => [name, ...lines.map(({ values, say }) => say(values[place] ?? null))])}
      />
    </figure>
  );
};

const hintPlace = (at: number, places: number, width: number) => {
  const x = left + (places < 2 ? 0.5 : at / (places - 1)) * (width - left - right);
  return x > width / 2 ? { right: width - x + 12 } : { left: x + 12 };
};

const Drawing = ({
  places,
  lines,
  isPartial,
  width,
  at,
  setAt,
}: {
  places: readonly Place[];
  lines: readonly Drawn[];
  isPartial: boolean;
  width: number;
  at: number | null;
  setAt: (at: number) => void;
}) => {
  const x = scalePoint<number>()
    .domain(places.map((_, place) => place))
    .range([left, width - right]);
  const values = lines.flatMap((each) => each.values).filter((value) => value !== null);
  const y = scaleLinear()
    .domain([Math.min(0, ...values), Math.max(1e-9, ...values)])
    .nice(5)
    .range([height - bottom, top]);
  const draw = line<[number, number | null]>()
    .defined(([, value]) => value !== null)
    .x(([place]) => x(place) ?? 0)
    .y(([, value]) => y(value ?? 0));
  const every = Math.max(1, Math.ceil(places.length / Math.max(2, Math.floor((width - left) / 80))));
  const slot = places.length < 2 ? width : x.step();
  return (
    <svg width={width} height={height} aria-hidden>
      <Ticks scale={y} count={5} left={left} width={width} />
      {lines.map(({ key, color, isBefore, values: own }) => {
        const points = own.map((value, place): [number, number | null] => [place, value]);
        const isCut = isPartial && !isBefore && points.length > 1;
        return (
          <g key={key} style={{ stroke: colorOf(color) }}>
            <path
              className={isBefore ? 'trend before' : 'trend'}
              d={draw(isCut ? points.slice(0, -1) : points) ?? ''}
            />
            {isCut && <path className="trend unfinished" d={draw(points.slice(-2)) ?? ''} />}
          </g>
        );
      })}
      {places.map(({ at: start, name }, place) =>
        (places.length - 1 - place) % every === 0 ? (
          <text key={start} className="tick" x={Math.min(x(place) ?? 0, width - 24)} y={height - 8} textAnchor="middle">
            {name}
          </text>
        ) : null,
      )}
      {at !== null && (
        <g>
          <line className="cross" x1={x(at)} x2={x(at)} y1={top} y2={height - bottom} />
          {lines.map(({ key, color, values: own }) => {
            const value = own[at] ?? null;
            return value === null ? null : (
              <circle
                key={key}
                cx={x(at)}
                cy={y(value)}
                r={4}
                style={{ fill: 'var(--card)', stroke: colorOf(color), strokeWidth: 2 }}
              />
            );
          })}
        </g>
      )}
      {places.map(({ at: start }, place) => (
        <rect
          key={start}
          fill="transparent"
          x={(x(place) ?? 0) - slot / 2}
          width={slot}
          y={0}
          height={height}
          onPointerEnter={() => setAt(place)}
          onPointerDown={() => setAt(place)}
        />
      ))}
    </svg>
  );
};
