import { scaleBand, scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import './charts.css';
import { count, day, longDay, plural } from '../format.ts';
import { useWidth } from '../width.ts';
import { BehindChart } from './behind.tsx';
import { hintPlace, useStops } from './stops.ts';
import { Ticks } from './ticks.tsx';

export type Day = { at: string; visitors: number; orders: number };

const top = { y: 10, height: 168 };
const bottom = { y: 212, height: 66 };
const left = 46;
const height = 306;

/**
 * Visitors as a line and orders as bars over the same days, each on its own scale. One stop of the Tab key; arrows go from day
 * to day. The last day is not over yet: dashed.
 */
export const DailyChart = ({ days, timeZone }: { days: readonly Day[]; timeZone: string }) => {
  const { ref, width } = useWidth();
  const { at, setAt, box } = useStops('Visitors and orders by day', days.length, (place) => {
    const told = days[place];
    return told === undefined
      ? ''
      : `${longDay(told.at, timeZone)}: ${plural(told.visitors, 'visitor')}, ${plural(told.orders, 'order')}`;
  });
  const shown = at === null ? undefined : days[at];
  return (
    <figure>
      <div ref={ref} style={{ height }} {...box}>
        {width > 0 && <Drawing days={days} width={width} at={at} setAt={setAt} timeZone={timeZone} />}
        {shown !== undefined && at !== null && (
          <div
            className="hint"
            style={hintPlace(left + ((at + 0.5) / days.length) * (width - left), width)}
            aria-hidden
          >
            <div className="small soft">{longDay(shown.at, timeZone)}</div>
            <div className="row apart">
              <span className="key line-1">Visitors</span>
              <strong className="num">{count(shown.visitors)}</strong>
            </div>
            <div className="row apart">
              <span className="key bar-2">Orders</span>
              <strong className="num">{count(shown.orders)}</strong>
            </div>
          </div>
        )}
      </div>
      <BehindChart
        caption="Visitors and orders by day"
        head={['Day', 'Visitors', 'Orders']}
        rows={days.map((one) => [day(one.at, timeZone), count(one.visitors), count(one.orders)])}
      />
    </figure>
  );
};

const Drawing = ({
  days,
  width,
  at,
  setAt,
  timeZone,
}: {
  days: readonly Day[];
  width: number;
  at: number | null;
  setAt: (at: number) => void;
  timeZone: string;
}) => {
  const x = scaleBand<number>()
    .domain(days.map((_, index) => index))
    .range([left, width])
    .paddingInner(0.32);
  const centre = (index: number): number => (x(index) ?? 0) + x.bandwidth() / 2;
  const visitors = scaleLinear()
    .domain([0, Math.max(4, ...days.map((one) => one.visitors))])
    .nice(4)
    .range([top.y + top.height, top.y]);
  const orders = scaleLinear()
    .domain([0, Math.max(2, ...days.map((one) => one.orders))])
    .nice(2)
    .range([bottom.y + bottom.height, bottom.y]);
  const points = days.map((one, index): [number, number] => [centre(index), visitors(one.visitors)]);
  const closed = points.slice(0, -1);
  const every = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor((width - left) / 74))));
  return (
    <svg width={width} height={height} aria-hidden>
      <Ticks scale={visitors} count={4} left={left} width={width} />
      <Ticks scale={orders} count={2} left={left} width={width} />
      <path
        className="area-1"
        d={
          area<[number, number]>()
            .y0(top.y + top.height)
            .curve(curveMonotoneX)(points) ?? ''
        }
      />
      <path className="line-1" d={line().curve(curveMonotoneX)(closed.length > 0 ? closed : points) ?? ''} />
      <path className="line-1 unfinished" d={line()(points.slice(-2)) ?? ''} />
      {days.map((one, index) => (
        <rect
          key={one.at}
          className={index === at ? 'bar-2 active' : index === days.length - 1 ? 'bar-2 unfinished' : 'bar-2'}
          x={x(index)}
          width={x.bandwidth()}
          y={orders(one.orders)}
          height={Math.max(0, bottom.y + bottom.height - orders(one.orders))}
          rx={Math.min(3, x.bandwidth() / 3)}
        />
      ))}
      {days.map((one, index) =>
        (days.length - 1 - index) % every === 0 ? (
          <text
            key={one.at}
            className="tick"
            x={Math.min(centre(index), width - 18)}
            y={height - 8}
            textAnchor="middle"
          >
            {day(one.at, timeZone)}
          </text>
        ) : null,
      )}
      {at !== null && (
        <g>
          <line className="cross" x1={centre(at)} x2={centre(at)} y1={top.y} y2={bottom.y + bottom.height} />
          <circle className="dot-1" cx={centre(at)} cy={points[at]?.[1] ?? 0} r={4.5} />
        </g>
      )}
      {days.map((one, index) => (
        <rect
          key={one.at}
          fill="transparent"
          x={(x(index) ?? 0) - (x.step() - x.bandwidth()) / 2}
          width={x.step()}
          y={0}
          height={height}
          onPointerEnter={() => setAt(index)}
          onPointerDown={() => setAt(index)}
        />
      ))}
    </svg>
  );
};
