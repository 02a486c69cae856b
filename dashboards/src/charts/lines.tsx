import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import type { CSSProperties } from 'react';
import './charts.css';
import './lines.css';
import { useWidth } from '../width.ts';
import { BehindChart } from './behind.tsx';
import { hintPlace, useStops } from './stops.ts';
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

export type Place = {
  at: string;
  name: string;
  /** What else is told of it, in the table in columns of these names. */
  also?: Readonly<Record<string, string>>;
};

const colors = 8;
const left = 52;
const right = 8;
const top = 10;
const bottom = 28;
const height = 330;

export const colorOf = (color: number): string => `var(--line-${color % colors})`;
const keyStyle = (color: number): CSSProperties => ({ '--key': colorOf(color) }) as CSSProperties;

/** Lines over the same intervals on one scale. */
export const Lines = ({
  title,
  places,
  unfinished,
  lines,
  sayTick,
}: {
  title: string;
  /** The intervals: their starts and names. */
  places: readonly Place[];
  /** How many of the last ones are not over. */
  unfinished: number;
  lines: readonly Drawn[];
  /** A value at the scale, where it is no plain number. */
  sayTick?: (value: number) => string;
}) => {
  const { ref, width } = useWidth();
  const last = places.length - 1;
  const alsoOf = (place: number) => Object.entries(places[place]?.also ?? {});
  const { at, setAt, box } = useStops(title, places.length, (place) => {
    const values = lines.map(({ label, values: own, say }) => `${label} ${say(own[place] ?? null)}`);
    return `${places[place]?.name ?? ''}: ${[...values, ...alsoOf(place).map(([name, told]) => `${name} ${told}`)].join(', ')}`;
  });
  return (
    <figure>
      <div ref={ref} style={{ height }} {...box}>
        {width > 0 && (
          <Drawing
            places={places}
            lines={lines}
            unfinished={unfinished}
            sayTick={sayTick}
            width={width}
            at={at}
            setAt={setAt}
          />
        )}
        {at !== null && (
          <div
            className="hint"
            style={hintPlace(left + (last < 1 ? 0.5 : at / last) * (width - left - right), width)}
            aria-hidden
          >
            <div className="small soft">{places[at]?.name}</div>
            {lines.map(({ key, label, color, isBefore, values, say }) => (
              <div key={key} className="row apart">
                <span className={isBefore ? 'key trend-key before' : 'key trend-key'} style={keyStyle(color)}>
                  {label}
                </span>
                <strong className="num">{say(values[at] ?? null)}</strong>
              </div>
            ))}
            {alsoOf(at).map(([name, told]) => (
              <div key={name} className="row apart">
                <span className="small soft">{name}</span>
                <span className="num">{told}</span>
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
        head={['From', ...lines.map(({ label }) => label), ...alsoOf(0).map(([name]) => name)]}
        rows={places.map(({ name }, place) => [
          name,
          ...lines.map(({ values, say }) => say(values[place] ?? null)),
          ...alsoOf(place).map(([, told]) => told),
        ])}
      />
    </figure>
  );
};

const Drawing = ({
  places,
  lines,
  unfinished,
  sayTick,
  width,
  at,
  setAt,
}: {
  places: readonly Place[];
  lines: readonly Drawn[];
  unfinished: number;
  sayTick: ((value: number) => string) | undefined;
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
      <Ticks scale={y} count={5} left={left} width={width} {...(sayTick === undefined ? {} : { say: sayTick })} />
      {lines.map(({ key, color, isBefore, values: own }) => {
        const points = own.map((value, place): [number, number | null] => [place, value]);
        const open = isBefore || points.length < 2 ? 0 : unfinished;
        return (
          <g key={key} style={{ stroke: colorOf(color) }}>
            <path
              className={isBefore ? 'trend before' : 'trend'}
              d={draw(points.slice(0, points.length - open)) ?? ''}
            />
            {open > 0 && <path className="trend unfinished" d={draw(points.slice(-1 - open)) ?? ''} />}
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
