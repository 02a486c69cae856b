import type { CSSProperties } from 'react';
import type { FunnelBucket } from '../../../schemas/api/funnels.ts';
import './groups.css';
import { count, percent } from '../format.ts';

const colors = 4;
const patterns = ['solid', 'striped', 'dotted'] as const;
/** With more bars than this the shares over them would run into each other: they stand in the table. */
const mostShares = 50;

/** A value by its place in a colour and a pattern; "other" and "nothing known" hollow, wherever they stand. */
const Fill = ({ group, place, share }: { group: FunnelBucket; place: number; share?: number }) => {
  const look = group.kind === 'value' ? patterns[Math.floor(place / colors) % patterns.length] : group.kind;
  const style = {
    ...(group.kind === 'value' ? { '--group': `var(--group-${place % colors})` } : {}),
    ...(share === undefined ? {} : { '--share': `${Math.min(1, share) * 100}%` }),
  } as CSSProperties;
  return <span className={`group-fill ${look}`} style={style} aria-hidden />;
};

/** How much of each group is left at each step: groups of any size side by side. The table below it is for who reads. */
export const FunnelGroups = ({
  groups,
  heading,
  nameOf,
}: {
  groups: readonly FunnelBucket[];
  heading: string;
  nameOf: (group: FunnelBucket) => string;
}) => {
  const steps = groups[0]?.steps ?? [];
  const showsShares = groups.length * steps.length <= mostShares;
  const style = { '--groups': groups.length } as CSSProperties;
  return (
    <figure>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="groups" style={style} tabIndex={0} aria-label={`Steps by ${heading}, drawn`}>
        {steps.map(({ index, label }) => (
          <div key={index} className="groups-step">
            <div className="groups-bars">
              {groups.map((group, place) => {
                const share = group.steps[index]?.fromStart ?? 0;
                const told = `${nameOf(group)}: ${percent(share)} at “${label}”`;
                return (
                  <div key={group.kind + group.value} className="groups-bar" role="img" aria-label={told} title={told}>
                    {showsShares && (
                      <span className="share" aria-hidden>
                        {percent(share)}
                      </span>
                    )}
                    <Fill group={group} place={place} share={share} />
                  </div>
                );
              })}
            </div>
            <div className="label clip">
              {index + 1}. {label}
            </div>
          </div>
        ))}
      </section>
      <ul className="groups-legend" aria-label={`Groups by ${heading}`}>
        {groups.map((group, place) => (
          <li key={group.kind + group.value}>
            <Fill group={group} place={place} />
            <span className="clip">
              {nameOf(group)} <span className="num">({count(group.steps[0]?.count ?? 0)})</span>
            </span>
          </li>
        ))}
      </ul>
    </figure>
  );
};
