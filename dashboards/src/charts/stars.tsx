import { Star } from 'lucide-react';
import type { Stars } from '../../../schemas/api/reports.ts';
import './charts.css';
import { count, percent, plural } from '../format.ts';

const average = (value: number | null): string => (value === null ? '–' : value.toFixed(1));

/** An average as one reads it: `4.3 ★`. */
export const Average = ({ value }: { value: number | null }) => (
  <span className="row num" style={{ gap: 4, display: 'inline-flex' }}>
    {average(value)}
    <span className="unseen">of 5 stars</span>
    <Star size={13} aria-hidden fill="currentColor" style={{ color: 'var(--pending)' }} />
  </span>
);

/** How many gave five stars, four, … one. */
export const StarBars = ({ stars }: { stars: Stars }) => (
  <div className="star-bars">
    <div className="whole">
      <span className="value num">{average(stars.average)}</span>
      <span className="small soft">of 5 · {plural(stars.ratings, 'rating')}</span>
    </div>
    <ol>
      {[5, 4, 3, 2, 1].map((star) => {
        const given = stars.distribution[star - 1] ?? 0;
        const share = stars.ratings === 0 ? 0 : given / stars.ratings;
        return (
          <li key={star}>
            <span className="num">
              {star}
              <span className="unseen"> stars:</span>
            </span>
            <span className="track" aria-hidden>
              <span style={{ width: `${share * 100}%` }} />
            </span>
            <span className="num small soft">
              {count(given)}
              <span className="unseen">, {percent(share)}</span>
            </span>
          </li>
        );
      })}
    </ol>
  </div>
);
