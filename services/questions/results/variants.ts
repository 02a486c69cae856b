import { z } from 'zod';
import type { ResultsAnswer } from '../../../schemas/api/results.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { differenceOfShares, isSignificant } from './lift.ts';
import { type Asked, ordersOfExposed } from './orders.ts';

const Row = z.object({
  step: z.string(),
  variant: z.coerce.number(),
  persons: z.coerce.number(),
  converted: z.coerce.number(),
});
type Row = z.infer<typeof Row>;

/** Persons by the mail of a step that was first meant for them, and how many of them ordered within the attribution time after that. */
const variantRows = (warehouse: Warehouse, asked: Asked) => {
  const { site, automation, from, to, attributionMs } = asked;
  return warehouse.query(
    sql`
      WITH
        exposed AS (
          SELECT
            dictGetOrDefault('identity', 'to_person', ledger.person, ledger.person) AS subject,
            if(JSONHas(action, 'stepId'), JSONExtractString(action, 'stepId'), '1') AS stepId,
            argMin(JSONExtractUInt(action, 'variant'), at) AS variant,
            min(at) AS exposedAt
          FROM ledger
          WHERE site = ${site}
            AND automation = ${automation}
            AND phase = 'claimed'
            AND JSONExtractString(action, 'kind') != 'webhook'
          GROUP BY subject, stepId
          HAVING exposedAt >= ${new Date(from)}
            AND exposedAt < ${new Date(to)}
        ),
        ordered AS (${ordersOfExposed(asked)})
      SELECT stepId AS step, variant, count() AS persons, countIf(isConverted) AS converted
      FROM (
        SELECT
          stepId,
          variant,
          subject,
          countIf(orderedAt >= exposedAt AND orderedAt <= exposedAt + toIntervalMillisecond(${attributionMs})) > 0 AS isConverted
        FROM exposed
        LEFT JOIN ordered USING (subject)
        GROUP BY stepId, variant, subject
      )
      GROUP BY stepId, variant
      ORDER BY stepId, variant`,
    Row,
  );
};

const shown = (row: Row, first: Row | undefined): ResultsAnswer['variants'][number] => {
  const difference = first === undefined || first === row ? null : differenceOfShares(row, first);
  return {
    ...row,
    rate: row.converted / row.persons,
    againstFirst: difference === null ? null : { ...difference, isSignificant: isSignificant(difference) },
  };
};

/** Of steps that try several mails: how each did, against the first one. */
export const variantResults = async (warehouse: Warehouse, asked: Asked): Promise<ResultsAnswer['variants']> => {
  const { rows } = await variantRows(warehouse, asked);
  const steps = Map.groupBy(rows, ({ step }) => step);
  return [...steps.values()]
    .filter((all) => all.length > 1)
    .flatMap((all) => {
      const first = all.find(({ variant }) => variant === 0);
      return all.map((row) => shown(row, first));
    });
};
