import type { PathSteps } from '../../../schemas/api/paths.ts';
import { join, listed, type Sql, sql } from '../../platform/warehouse/sql.ts';
import { isByPerson } from '../events.ts';
import { conditions } from '../where.ts';

/** Calls that say who somebody is are no steps. */
const stepTypes = sql`type IN ('track', 'page', 'screen')`;

export const isStep = ({ events, except, where }: PathSteps): Sql => sql`
  (${stepTypes}
    AND ${events === undefined ? isByPerson : sql`event IN (${listed(events)})`}
    AND ${except.length === 0 ? sql`1` : sql`event NOT IN (${listed(except)})`}
    AND ${conditions(where)})`;

/** `*` stands for any text, everything else for itself. */
const patternOf = (group: string): string =>
  `^${group
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*')}$`;

/** A page's path as a name: without query and fragment, without slashes at its end. */
const barePath = sql`ifNull(nullIf(trimRight(cutQueryStringAndFragment(path), '/'), ''), '/')`;

/** What a row is called as a step. */
export const stepName = ({ pages, groups }: PathSteps): Sql => {
  if (pages === 'name') return sql`toString(event)`;
  const grouped =
    groups.length === 0
      ? barePath
      : sql`multiIf(${join(
          groups.map((group) => sql`match(${barePath}, ${patternOf(group)}), ${group}`),
          ', ',
        )}, ${barePath})`;
  return sql`if(type = 'page' AND path != '', ${grouped}, toString(event))`;
};
