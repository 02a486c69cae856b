import { percent } from '../format.ts';

/** A share as a number and as a bar: for tables, where bars under each other compare. `most` is the largest of them: it fills its bar. */
export const Meter = ({
  share,
  most = 1,
  tone = 'good',
}: {
  share: number | null;
  most?: number;
  tone?: 'good' | 'bad';
}) => (
  <span className={`meter ${tone}`}>
    <span className="num">{percent(share)}</span>
    <span className="track" aria-hidden>
      <span style={{ width: `${most === 0 ? 0 : Math.min(100, ((share ?? 0) / most) * 100)}%` }} />
    </span>
  </span>
);
