import { z } from 'zod';
import type { DiscountFigures, DiscountReport, DiscountReportQuery } from '../../../schemas/api/discounts.ts';
import type { Money } from '../../../schemas/primitives.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { fromUnits } from '../money.ts';
import { BenefitRow, benefitFrom } from './benefit.ts';
import { codesAsked } from './codes.ts';

/** Ten-thousandths by currency. */
const Sums = z.record(z.string(), z.string());
const FiguresRow = z.object({
  isByAutomation: z.number(),
  isByBenefit: z.number(),
  automation: z.string(),
  pool: z.string(),
  benefit: z.string(),
  percent: z.number(),
  amount: z.string(),
  currency: z.string(),
  minimum: z.string(),
  issued: z.coerce.number(),
  redeemed: z.coerce.number(),
  expired: z.coerce.number(),
  givenUnknown: z.coerce.number(),
  medianSeconds: z.number().nullable(),
  revenue: Sums,
  given: Sums,
});
type FiguresRow = z.infer<typeof FiguresRow>;

const RedemptionRow = z.object({
  code: z.string(),
  automation: z.string(),
  issuedAt: z.string(),
  redeemedAt: z.string(),
  orderId: z.string(),
  isCancelled: z.number(),
  net: z.string().nullable(),
  orderCurrency: z.string().nullable(),
  given: z.string().nullable(),
  givenCurrency: z.string().nullable(),
});

const listedRedemptions = 100;

/** Largest first. */
const moneyOf = (sums: Readonly<Record<string, string>>): Money[] =>
  Object.entries(sums)
    .map(([currency, units]) => ({ currency, units: BigInt(units) }))
    .filter(({ units }) => units !== 0n)
    .sort((one, other) => (one.units < other.units ? 1 : -1) || (one.currency < other.currency ? -1 : 1))
    .map(({ currency, units }) => ({ currency, amount: fromUnits(units) }));

const moneyOrNull = (units: string | null, currency: string | null): Money | null =>
  units === null || currency === null ? null : { currency, amount: fromUnits(BigInt(units)) };

const figuresOf = ({
  issued,
  redeemed,
  expired,
  medianSeconds,
  givenUnknown,
  ...row
}: FiguresRow): DiscountFigures => ({
  issued,
  redeemed,
  expired,
  open: issued - redeemed - expired,
  rate: issued === 0 ? null : redeemed / issued,
  medianSeconds,
  revenue: moneyOf(row.revenue),
  given: moneyOf(row.given),
  givenUnknown,
});

const nothing: DiscountFigures = {
  issued: 0,
  redeemed: 0,
  expired: 0,
  open: 0,
  rate: null,
  medianSeconds: null,
  revenue: [],
  given: [],
  givenUnknown: 0,
};

const mostIssuedFirst = (one: DiscountFigures, other: DiscountFigures): number => other.issued - one.issued;

/**
 * What was given away by codes, and what it brought. docs/discounts.md says what each figure means. Reads the site's codes, the orders with a code since the range began, and what became of those. An order
 * with two codes counts for each.
 */
export const discountReport = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  query: DiscountReportQuery,
  { now }: { now: number },
): Promise<DiscountReport> => {
  const range = { from: Date.parse(query.from), to: Date.parse(query.to) };
  const codes = codesAsked({ site: site.id, currency: site.currency, ...range });
  const [figures, redemptions] = await Promise.all([
    warehouse.query(
      sql`
        SELECT
          toUInt8(1 - grouping(automation)) AS isByAutomation,
          toUInt8(1 - grouping(benefit)) AS isByBenefit,
          automation,
          pool,
          benefit,
          percent,
          toString(amount) AS amount,
          currency,
          toString(minimum) AS minimum,
          count() AS issued,
          countIf(redeemedAt IS NOT NULL) AS redeemed,
          countIf(redeemedAt IS NULL AND expiresAt < ${new Date(now)}) AS expired,
          countIf(redeemedAt IS NOT NULL AND NOT isCancelled AND given IS NULL) AS givenUnknown,
          quantileExactIf(0.5)(dateDiff('second', issuedAt, assumeNotNull(redeemedAt)), redeemedAt IS NOT NULL) AS median,
          if(redeemed = 0, NULL, toInt32(median)) AS medianSeconds,
          mapApply((name, sum) -> (name, toString(sum)), sumMapIf(map(assumeNotNull(orderCurrency), assumeNotNull(net)), net IS NOT NULL)) AS revenue,
          mapApply((name, sum) -> (name, toString(sum)), sumMapIf(map(assumeNotNull(givenCurrency), assumeNotNull(given)), given IS NOT NULL)) AS given
        FROM (${codes})
        GROUP BY GROUPING SETS ((), (automation), (pool, benefit, percent, amount, currency, minimum))`,
      FiguresRow,
    ),
    warehouse.query(
      sql`
        SELECT printed AS code, automation, issuedAt, redeemedAt, orderId, isCancelled, toString(net) AS net, orderCurrency, toString(given) AS given, givenCurrency
        FROM (${codes})
        WHERE redeemedAt IS NOT NULL
        ORDER BY redeemedAt DESC, code
        LIMIT ${listedRedemptions}`,
      RedemptionRow,
    ),
  ]);
  const all = figures.rows.find(({ isByAutomation, isByBenefit }) => isByAutomation === 0 && isByBenefit === 0);
  return {
    total: all === undefined ? nothing : figuresOf(all),
    byAutomation: figures.rows
      .filter(({ isByAutomation }) => isByAutomation === 1)
      .map((row) => ({ ...figuresOf(row), automation: row.automation }))
      .sort(mostIssuedFirst),
    byBenefit: figures.rows
      .filter(({ isByBenefit }) => isByBenefit === 1)
      .map((row) => ({ ...figuresOf(row), benefit: benefitFrom(BenefitRow.parse(row)), pool: row.pool }))
      .sort(mostIssuedFirst),
    redemptions: redemptions.rows.map(({ net, orderCurrency, given, givenCurrency, isCancelled, ...row }) => ({
      ...row,
      revenue: moneyOrNull(net, orderCurrency),
      given: moneyOrNull(given, givenCurrency),
      isCancelled: isCancelled === 1,
    })),
  };
};
