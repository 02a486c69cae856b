import type { ScaleLinear } from 'd3-scale';
import { shortCount } from '../format.ts';

/** Lines across a drawing from `left` to `width` at round values, each with its value before it. */
export const Ticks = ({
  scale,
  count,
  left,
  width,
  say = shortCount,
}: {
  scale: ScaleLinear<number, number>;
  count: number;
  left: number;
  width: number;
  say?: (value: number) => string;
}) =>
  scale.ticks(count).map((tick) => (
    <g key={tick} transform={`translate(0 ${scale(tick)})`}>
      <line className="grid" x1={left} x2={width} />
      <text className="tick" x={left - 8} dy="0.32em" textAnchor="end">
        {say(tick)}
      </text>
    </g>
  ));
