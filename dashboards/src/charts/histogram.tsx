import { scaleLinear } from 'd3-scale';
import './charts.css';
import { count, duration, percent } from '../format.ts';
import { useWidth } from '../width.ts';
import { BehindChart } from './behind.tsx';
import { hintPlace, useStops } from './stops.ts';
import { Ticks } from './ticks.tsx';

export type Bin = { from: number; to: number; count: number };

const left = 46;
const right = 8;
const top = 10;
const bottom = 28;
const height = 260;

/** How many took how long: a bar for each time, and a line at the median. */
export const Histogram = ({
  title,
  bins,
  medianSeconds,
}: {
  title: string;
  bins: readonly Bin[];
  medianSeconds: number;
}) => {
  const { ref, width } = useWidth();
  const all = bins.reduce((sum, bin) => sum + bin.count, 0);
  const name = ({ from, to }: Bin): string => `${duration(from)} to ${duration(to)}`;
  const { at, setAt, box } = useStops(title, bins.length, (place) => {
    const told = bins[place];
    return told === undefined ? '' : `${name(told)}: ${count(told.count)}`;
  });
  const shown = at === null ? undefined : bins[at];
  const x = scaleLinear()
    .domain([bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1])
    .range([left, Math.max(left + 1, width - right)]);
  return (
    <figure>
      <div ref={ref} style={{ height }} {...box}>
        {width > 0 && <Drawing bins={bins} x={x} medianSeconds={medianSeconds} width={width} at={at} setAt={setAt} />}
        {shown !== undefined && (
          <div className="hint" style={hintPlace(x((shown.from + shown.to) / 2), width)} aria-hidden>
            <div className="small soft">{name(shown)}</div>
            <div className="row apart">
              <span className="key bar-2">{percent(shown.count / all)}</span>
              <strong className="num">{count(shown.count)}</strong>
            </div>
          </div>
        )}
      </div>
      <BehindChart
        caption={title}
        head={['Took', 'How many', 'Share']}
        rows={bins.map((bin) => [name(bin), count(bin.count), percent(bin.count / all)])}
      />
    </figure>
  );
};

const Drawing = ({
  bins,
  x,
  medianSeconds,
  width,
  at,
  setAt,
}: {
  bins: readonly Bin[];
  x: (seconds: number) => number;
  medianSeconds: number;
  width: number;
  at: number | null;
  setAt: (at: number) => void;
}) => {
  const y = scaleLinear()
    .domain([0, Math.max(2, ...bins.map((bin) => bin.count))])
    .nice(4)
    .range([height - bottom, top]);
  const every = Math.max(1, Math.ceil(bins.length / Math.max(2, Math.floor((width - left) / 96))));
  const isMedianRight = x(medianSeconds) > width / 2;
  const wide = (bin: Bin): number => Math.max(1, x(bin.to) - x(bin.from));
  return (
    <svg width={width} height={height} aria-hidden>
      <Ticks scale={y} count={4} left={left} width={width} />
      {bins.map((bin, place) => (
        <rect
          key={bin.from}
          className={place === at ? 'bar-2 active' : 'bar-2'}
          x={x(bin.from) + 1}
          width={Math.max(1, wide(bin) - 2)}
          y={y(bin.count)}
          height={Math.max(0, y(0) - y(bin.count))}
          rx={Math.min(3, wide(bin) / 4)}
        />
      ))}
      {bins.map((bin, place) =>
        place % every === 0 ? (
          <text
            key={bin.from}
            className="tick"
            x={Math.min(x(bin.from), width - 30)}
            y={height - 8}
            textAnchor={place === 0 ? 'start' : 'middle'}
          >
            {duration(bin.from)}
          </text>
        ) : null,
      )}
      <line className="median" x1={x(medianSeconds)} x2={x(medianSeconds)} y1={top} y2={height - bottom} />
      <text
        className="tick"
        x={x(medianSeconds) + (isMedianRight ? -6 : 6)}
        y={top + 8}
        textAnchor={isMedianRight ? 'end' : 'start'}
      >
        median
      </text>
      {bins.map((bin, place) => (
        <rect
          key={bin.from}
          fill="transparent"
          x={x(bin.from)}
          width={wide(bin)}
          y={0}
          height={height}
          onPointerEnter={() => setAt(place)}
          onPointerDown={() => setAt(place)}
        />
      ))}
    </svg>
  );
};
