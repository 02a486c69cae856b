import type { AttributionModel } from '../../../schemas/api/attribution.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';

/** Weights of timeDecay are whole numbers of this, so that credits are exact. */
const decayScale = 2 ** 30;

/** What weights depend on besides the touch itself and its place in the array `credited`: columns beside it. */
export const weighingColumns: Sql = sql`
  length(credited) AS size,
  credited[-1].2 AS newestAt,
  arrayLastIndex(touch -> touch.3.1 != '(direct)', credited) AS lastSaid`;

/** Weights of the touches in `credited`: whole numbers, at least one of them above 0. */
export const weights = (model: AttributionModel, halfLifeSeconds: number): Sql => {
  const each = (weight: Sql): Sql =>
    sql`arrayMap((touch, place) -> toUInt64(${weight}), credited, arrayEnumerate(credited))`;
  switch (model) {
    case 'first':
      return each(sql`place = 1`);
    case 'last':
      return each(sql`place = size`);
    case 'lastNonDirect':
      return each(sql`place = if(lastSaid = 0, size, lastSaid)`);
    case 'linear':
      return each(sql`1`);
    case 'position':
      // Fifths of (size - 2): two for each end, one for all between them.
      return each(sql`if(size > 2 AND (place = 1 OR place = size), 2 * (size - 2), 1)`);
    case 'timeDecay':
      return each(sql`round(${decayScale} * exp2(-(newestAt - touch.2) / ${halfLifeSeconds * 1000}))`);
    default:
      return model satisfies never;
  }
};

/** Splits whole units over `weighed`, an array of weights that add up to `allWeight`, exactly: a part is what it adds to the parts before it. */
export const split = (units: Sql): Sql => sql`
  arrayPopFront(
    arrayDifference(
      arrayPushFront(
        arrayMap(sum -> toInt64(intDiv(toInt256(${units}) * sum, allWeight)), arrayCumSum(weighed)),
        toInt64(0))))`;
