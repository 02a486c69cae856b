import { z } from 'zod';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { resolvedPerson } from '../events.ts';
import { followedBackMilliseconds } from '../value/orders.ts';
import { type Asked, isInPart, personsAsked } from './asked.ts';

/** A campaign brought somebody who began a basket so much later at most. */
const lookbackMilliseconds = 30 * 86_400_000;

const Row = z.object({ owner: z.string(), touches: z.array(z.tuple([z.coerce.number(), z.string()])) });
type Touches = z.infer<typeof Row>['touches'];

/** The last campaign source by then; '' where there was none. */
const sourceAt = (touches: Touches, at: number): string => {
  const [time, source] = touches.findLast((touch) => touch[0] <= at) ?? [0, ''];
  return at - time <= lookbackMilliseconds ? source : '';
};

/**
 * Which campaign source brought a person before a time: the last by then. Reads the campaign columns of the persons asked for; a visit is one touch for as long as
 * its source stays the same, however many of its events carry the campaign.
 */
export const sourcesOf = async (
  warehouse: Warehouse,
  asked: Asked,
): Promise<{ sourceOf: (person: string, at: number) => string; queryMs: number; rowsRead: number }> => {
  const { rows, elapsedMs, rowsRead } = await warehouse.query(
    sql`
      SELECT toString(owner) AS owner, arraySort(arrayFlatten(groupArray(changes))) AS touches
      FROM (
        SELECT
          ${resolvedPerson} AS owner,
          arraySort(groupUniqArray((toUnixTimestamp64Milli(timestamp), toString(campaign_source)))) AS said,
          arrayFilter((touch, before) -> touch.2 != before, said, arrayShiftRight(said.2, 1)) AS changes
        FROM events
        WHERE site = ${asked.site}
          AND timestamp >= ${new Date(asked.from - followedBackMilliseconds - lookbackMilliseconds)}
          AND timestamp < ${new Date(asked.to)}
          AND campaign_source != ''
          AND ${isInPart(asked)}
          AND ${resolvedPerson} IN (${personsAsked(asked)})
        GROUP BY owner, if(session = '', message_id, session)
      )
      GROUP BY owner`,
    Row,
  );
  const byPerson = new Map(rows.map(({ owner, touches }) => [owner, touches]));
  return { sourceOf: (person, at) => sourceAt(byPerson.get(person) ?? [], at), queryMs: elapsedMs, rowsRead };
};
