import type { OracleBreakdown, OracleFunnel, OracleMatch, OracleRow } from '../oracle/funnel/rows.ts';
import type { Journey } from './journeys.ts';

/** The same funnel as the API is asked for it. */
export const asBody = (funnel: OracleFunnel) => {
  const { steps, exclusions, from, to, leastPrice, constant, now: _now, ...rest } = funnel;
  const where = (least: number | undefined) =>
    least === undefined ? [] : [{ property: 'price', op: 'gte', value: least }];
  const ofProduct = ({ product }: OracleMatch) =>
    product === undefined
      ? []
      : [{ property: 'product_id', op: product.isNot ? ('neq' as const) : ('eq' as const), value: product.id }];
  const match = (each: OracleMatch) => ({
    event: each.event,
    where: [...where(each.minimumPrice), ...ofProduct(each)],
  });
  return {
    ...rest,
    steps: steps.map(({ minimumPrice: _least, product: _product, ...step }, index) => ({
      ...step,
      ...match(steps[index] ?? step),
    })),
    exclusions: exclusions.map((each) => ({ ...match(each), after: each.after, before: each.before })),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    where: where(leastPrice),
    ...(constant === undefined ? {} : { constant }),
  };
};

/** Rows of generated persons, told apart by message ids that are not in the order of time. */
export const asRows = (persons: readonly (readonly Omit<OracleRow, 'messageId'>[])[]): OracleRow[][] =>
  persons.map((rows, person) =>
    rows.map((row, place) => ({
      ...row,
      messageId: `${person}-${(place * 7) % 11}-${place}`,
      ...(row.session === undefined ? {} : { session: `${person}-${row.session}` }),
    })),
  );

/** The same rows as events of a site. */
export const asEvents = (persons: readonly (readonly OracleRow[])[]): Journey[] =>
  persons.map((rows) =>
    rows.map(({ price, product, ...row }) => ({
      ...row,
      ...(price === undefined ? {} : { price: String(price) }),
      ...(product === undefined ? {} : { properties: JSON.stringify({ product }) }),
    })),
  );

export const asBreakdown = ({ attribution, step, limit, none }: OracleBreakdown) => ({
  property: 'context.campaign.source',
  attribution,
  limit,
  ...(attribution === 'step' ? { step, none } : {}),
});
