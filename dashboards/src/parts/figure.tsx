import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../ask.ts';
import { change, percent } from '../format.ts';

/** `+12% on the 30 days before`; whether more is better is for the figure to say. */
export const Change = ({
  now,
  before,
  lessIsBetter = false,
}: {
  now: number | null;
  before: number | null;
  lessIsBetter?: boolean;
}) => {
  const share = change(now, before);
  if (share === null) return null;
  const tone = Math.abs(share) < 0.005 ? '' : share > 0 !== lessIsBetter ? 'better' : 'worse';
  const arrow = share > 0 ? '▲' : share < 0 ? '▼' : '■';
  return (
    <span className={`change ${tone}`}>
      <span aria-hidden>{arrow} </span>
      <span className="unseen">{share > 0 ? 'up' : 'down'} </span>
      {percent(Math.abs(share))}
    </span>
  );
};

/** One number with its name; as high while it loads as when it is there. */
export const Figure = <T,>({
  name,
  icon,
  answer,
  value,
  under,
}: {
  name: string;
  icon?: ReactNode;
  answer: Answer<T>;
  value: (data: T) => ReactNode;
  under?: (data: T) => ReactNode;
}) => (
  <div className="tile figure">
    <div className="name">
      {icon}
      {name}
    </div>
    {answer.data === undefined && answer.error === null ? (
      <>
        <Skeleton height={26} width="60%" mt={10} mb={8} />
        <Skeleton height={13} width="80%" />
      </>
    ) : (
      <>
        <div className="value">{answer.data === undefined ? '–' : value(answer.data)}</div>
        <div className="under">
          {answer.data === undefined ? <span className="break">{answer.error?.message}</span> : under?.(answer.data)}
        </div>
      </>
    )}
  </div>
);
