import { z } from 'zod';
import type { ResultsAnswer, ResultsQuery } from '../../../schemas/api/results.ts';
import { Failure } from '../../platform/failure.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Answer, Warehouse } from '../../platform/warehouse/warehouse.ts';
import { fromUnits, toUnits } from '../money.ts';
import { type Difference, differenceOfMeans, differenceOfShares, isSignificant, personsNeeded } from './lift.ts';
import { type Asked, ordersOfExposed } from './orders.ts';
import { variantResults } from './variants.ts';

const defaultMilliseconds = 90 * 86_400_000;

/**
 * One row a person: into which group the automation's first decision about them put them, and when. Whoever it decided to write to is treated, also where
 * the mail failed: leaving those out would compare the reachable with everybody.
 */
const exposures = ({ site, automation, from, to }: Asked): Sql => sql`
  SELECT
    dictGetOrDefault('identity', 'to_person', ledger.person, ledger.person) AS subject,
    argMin(phase = 'held', at) AS isHeldOut,
    min(at) AS exposedAt
  FROM ledger
  WHERE site = ${site}
    AND automation = ${automation}
    AND (phase = 'claimed' OR (phase = 'held' AND reason = 'holdout'))
  GROUP BY subject
  HAVING exposedAt >= ${new Date(from)}
    AND exposedAt < ${new Date(to)}`;

const GroupRow = z.object({
  isHeldOut: z.number(),
  persons: z.coerce.number(),
  maturing: z.coerce.number(),
  converted: z.coerce.number(),
  orders: z.coerce.number(),
  currencies: z.array(z.string()),
  amounts: z.array(z.string()),
  mean: z.number(),
  variance: z.number().nullable(),
});
type GroupRow = z.infer<typeof GroupRow>;

/** The figures of both groups, over all of their persons: who bought nothing counts with nothing. */
const groupRows = (warehouse: Warehouse, asked: Asked, now: number): Promise<Answer<GroupRow>> =>
  warehouse.query(
    sql`
      WITH
        exposed AS (${exposures(asked)}),
        ordered AS (${ordersOfExposed(asked)}),
        inTime AS (
          SELECT subject, orderCurrency, count() AS orders, sum(amount) AS amount
          FROM ordered
          INNER JOIN exposed USING (subject)
          WHERE orderedAt >= exposedAt
            AND orderedAt <= exposedAt + toIntervalMillisecond(${asked.attributionMs})
          GROUP BY subject, orderCurrency
        ),
        people AS (
          SELECT
            subject,
            isHeldOut,
            exposedAt,
            sum(inTime.orders) AS orders,
            groupArrayIf(orderCurrency, inTime.orders > 0) AS currencies,
            groupArrayIf(amount, inTime.orders > 0) AS amounts,
            toFloat64(sumIf(amount, orderCurrency = ${asked.currency})) AS own
          FROM exposed
          LEFT JOIN inTime USING (subject)
          GROUP BY subject, isHeldOut, exposedAt
        )
      SELECT
        isHeldOut,
        count() AS persons,
        countIf(exposedAt + toIntervalMillisecond(${asked.attributionMs}) > ${new Date(now)}) AS maturing,
        countIf(people.orders > 0) AS converted,
        sum(people.orders) AS orders,
        sumMap(people.currencies, people.amounts) AS sums,
        sums.1 AS currencies,
        sums.2 AS amounts,
        avg(own) AS mean,
        varSampStable(own) AS variance
      FROM people
      GROUP BY isHeldOut`,
    GroupRow.extend({ sums: z.unknown() }),
  );

const MailsRow = z.object({
  sent: z.coerce.number(),
  opened: z.coerce.number(),
  clicked: z.coerce.number(),
  unsubscribed: z.coerce.number(),
  bounced: z.coerce.number(),
  complained: z.coerce.number(),
  left: z.coerce.number(),
  failed: z.coerce.number(),
  uncertain: z.coerce.number(),
});

/** Mails by what became of them. Only our own word counts (`internal`): anybody can send events with the public write key. */
const mailsRow = (warehouse: Warehouse, { site, automation, from, to }: Asked) => {
  const isTold = (event: string): Sql => sql`
    action_id IN (
      SELECT JSONExtractString(properties, 'email_id')
      FROM events
      WHERE site = ${site}
        AND event = ${event}
        AND channel = 'internal'
        AND timestamp >= ${new Date(from)}
    )`;
  const did = (event: string): Sql => sql`countIf(last = 'sent' AND ${isTold(event)})`;
  return warehouse.query(
    sql`
      SELECT
        countIf(last = 'sent') AS sent,
        ${did('Email Opened')} AS opened,
        ${did('Email Link Clicked')} AS clicked,
        ${did('Unsubscribed')} AS unsubscribed,
        -- Whatever the ledger says of it: a mail that the server refused at once has failed, one whose fate was uncertain has left after all.
        countIf(hasBounced) AS bounced,
        countIf(hasComplained) AS complained,
        countIf(last = 'sent' OR hasBounced OR hasComplained) AS left,
        countIf(last = 'failed') AS failed,
        countIf(last = 'uncertain') AS uncertain
      FROM (
        SELECT
          action_id,
          argMax(phase, sequence) AS last,
          minIf(at, phase = 'claimed') AS claimedAt,
          ${isTold('Email Bounced')} AS hasBounced,
          ${isTold('Email Marked as Spam')} AS hasComplained
        FROM ledger
        WHERE site = ${site}
          AND automation = ${automation}
          AND JSONExtractString(action, 'kind') != 'webhook'
        GROUP BY action_id
        HAVING countIf(phase = 'claimed') > 0
          AND claimedAt >= ${new Date(from)}
          AND claimedAt < ${new Date(to)}
      )`,
    MailsRow,
  );
};

const noMails = {
  sent: 0,
  opened: 0,
  clicked: 0,
  unsubscribed: 0,
  bounced: 0,
  complained: 0,
  left: 0,
  failed: 0,
  uncertain: 0,
};

const mailsOf = (row: z.infer<typeof MailsRow> = noMails): ResultsAnswer['mails'] => {
  const { left, ...mails } = row;
  const rate = (part: number): number | null => (left === 0 ? null : part / left);
  return { ...mails, bounceRate: rate(mails.bounced), complaintRate: rate(mails.complained) };
};

const groupOf = (row: GroupRow | undefined): ResultsAnswer['treated'] => ({
  persons: row?.persons ?? 0,
  converted: row?.converted ?? 0,
  rate: row === undefined ? null : row.converted / row.persons,
  orders: row?.orders ?? 0,
  revenue: (row?.currencies ?? []).map((currency, index) => ({
    currency,
    amount: fromUnits(toUnits(row?.amounts[index] ?? '0')),
  })),
  revenuePerPerson: row?.mean ?? null,
});

const shown = (difference: Difference) => ({ ...difference, isSignificant: isSignificant(difference) });

/** What the mails added; null where one of the groups is empty. Pure. */
const liftOf = (
  treated: GroupRow | undefined,
  holdout: GroupRow | undefined,
  currency: string,
): ResultsAnswer['lift'] => {
  if (treated === undefined || holdout === undefined) return null;
  const mean = (row: GroupRow) => ({ mean: row.mean, variance: row.variance ?? 0, persons: row.persons });
  const revenue = differenceOfMeans(mean(treated), mean(holdout));
  const inAll = (each: number): number => Math.round(each * treated.persons * 100) / 100;
  return {
    conversion: shown(differenceOfShares(treated, holdout)),
    revenuePerPerson: revenue === null ? null : shown(revenue),
    addedRevenue:
      revenue === null
        ? null
        : { currency, amount: inAll(revenue.difference), low: inAll(revenue.low), high: inAll(revenue.high) },
    personsNeeded: personsNeeded(treated, holdout),
  };
};

const verdictOf = (lift: ResultsAnswer['lift']): ResultsAnswer['verdict'] => {
  if (lift === null) return 'no-holdout';
  if (!lift.conversion.isSignificant) return 'not-significant';
  return lift.conversion.difference > 0 ? 'helped' : 'hurt';
};

/**
 * What became of an automation's mails, and what they added: persons written to against those held out, by what they ordered within the attribution time after
 * the decision. Reads the automation's ledger and the orders of the range. docs/results.md says what each figure means.
 */
export const automationResults = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  query: ResultsQuery & { automation: string },
  options: { now: number },
): Promise<ResultsAnswer> => {
  const to = query.to === undefined ? options.now : Date.parse(query.to);
  const from = query.from === undefined ? to - defaultMilliseconds : Date.parse(query.from);
  if (from >= to) throw new Failure('bad_request', 'to: must be later than "from"');
  const { currency } = site;
  const attributionMs = query.attributionSeconds * 1000;
  const asked: Asked = { site: site.id, currency, automation: query.automation, from, to, attributionMs };
  const [groups, mails, variants] = await Promise.all([
    groupRows(warehouse, asked, options.now),
    mailsRow(warehouse, asked),
    variantResults(warehouse, asked),
  ]);
  const treated = groups.rows.find(({ isHeldOut }) => isHeldOut === 0);
  const holdout = groups.rows.find(({ isHeldOut }) => isHeldOut === 1);
  const lift = liftOf(treated, holdout, currency);
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    attributionSeconds: query.attributionSeconds,
    mails: mailsOf(mails.rows[0]),
    treated: groupOf(treated),
    holdout: groupOf(holdout),
    maturing: (treated?.maturing ?? 0) + (holdout?.maturing ?? 0),
    lift,
    verdict: verdictOf(lift),
    variants,
  };
};
