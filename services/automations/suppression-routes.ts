import { z } from 'zod';
import { addSuppression, listSuppressions, removeSuppression } from '../../schemas/api/people.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { suppress } from '../platform/suppressions.ts';
import { sql } from '../platform/warehouse/sql.ts';
import { isSuppressedFor } from '../questions/due/contact.ts';

const Row = z.object({ address: z.string(), channel: z.string(), reason: z.string(), at: z.string() });

/** `time of the newest note in ms : address`. */
const parseCursor = (cursor: string): [number, string] => {
  const match = /^(\d{1,15}):(.+)$/s.exec(cursor);
  if (match === null) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return [Number(match[1]), match[2] ?? ''];
};

const mountList = ({ serve, warehouse }: Platform): void => {
  serve(listSuppressions, async ({ params, query }) => {
    const after = query.cursor === undefined ? null : parseCursor(query.cursor);
    const { rows } = await warehouse.query(
      sql`
        SELECT
          address,
          argMax(suppressions.channel, (suppressions.at, active)) AS channel,
          if(
            ${isSuppressedFor('service')},
            argMaxIf(suppressions.reason, (suppressions.at, active), suppressions.reason != 'unsubscribed'),
            'unsubscribed') AS reason,
          max(suppressions.at) AS at
        FROM suppressions
        WHERE site = ${params.site}
          AND position(address, ${query.search.toLowerCase()}) > 0
        GROUP BY address
        HAVING ${isSuppressedFor('marketing')}
          AND ${after === null ? sql`1` : sql`(toUnixTimestamp64Milli(max(suppressions.at)), address) < (${after[0]}, ${after[1]})`}
        ORDER BY max(suppressions.at) DESC, address DESC
        LIMIT ${query.limit + 1}`,
      Row,
    );
    const suppressions = rows.slice(0, query.limit);
    const last = suppressions.at(-1);
    const isMore = rows.length > query.limit && last !== undefined;
    return { suppressions, nextCursor: isMore ? `${Date.parse(last.at)}:${last.address}` : null };
  });
};

/** Who must not be written to: listed, added and taken out by hand. */
export const mountSuppressions = (platform: Platform): void => {
  const { serve, warehouse, clock } = platform;
  mountList(platform);
  serve(addSuppression, async ({ params: { site }, body: { address, reason } }) => {
    const at = clock.now();
    await suppress(warehouse, { site, address, reason, active: true, at });
    return { address: address.toLowerCase(), channel: 'email', reason, at: new Date(at).toISOString() };
  });
  serve(removeSuppression, async ({ params: { site }, query: { address } }) => {
    await suppress(warehouse, { site, address, reason: 'allowed again', active: false, at: clock.now() });
    return { address: address.toLowerCase() };
  });
};
