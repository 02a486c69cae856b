import type { FunnelAnswer, FunnelBucket, FunnelQuery } from '../../../schemas/api/funnels.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { answerOf } from './answer.ts';
import { type Asked, createAsked } from './asked.ts';
import { noFigures } from './figures.ts';
import { figuresOf } from './paths.ts';
import { attributionOf, isOverlapping } from './values.ts';

const stepsOf = async (asked: Asked): Promise<FunnelAnswer['steps']> => {
  const [all] = await figuresOf(asked, { by: 'nothing' }, 1);
  return answerOf(asked.query, all?.figures ?? noFigures(asked.query.steps.length));
};

/** The values that get furthest, then the rest as one, then those without a value. */
const breakdownOf = async (asked: Asked): Promise<Pick<FunnelAnswer, 'breakdown' | 'overlapping'>> => {
  const { breakdown } = asked.query;
  if (breakdown === undefined) return {};
  const found = await figuresOf(asked, { by: 'breakdown' }, breakdown.limit + 2);
  const bucket = (value: string, kind: FunnelBucket['kind'], figures: (typeof found)[number]['figures']) => ({
    value,
    kind,
    steps: answerOf(asked.query, figures),
  });
  const values = found.filter((each) => each.bucket !== '');
  const shown = values.slice(0, breakdown.limit);
  const rows = shown.map((each) => bucket(each.bucket, 'value', each.figures));
  if (values.length > shown.length) {
    const rest = { kind: 'other' as const, shown: shown.map((each) => each.bucket) };
    const [other] = await figuresOf(asked, { by: 'nothing', only: rest }, 1);
    if (other !== undefined) rows.push(bucket('(other)', 'other', other.figures));
  }
  const none = found.find((each) => each.bucket === '');
  if (none !== undefined && (attributionOf(breakdown) !== 'step' || breakdown.none === true))
    rows.push(bucket('(none)', 'none', none.figures));
  return { breakdown: rows, overlapping: isOverlapping(breakdown) };
};

/**
 * How many persons did the steps within the window of an entry, and where they stopped. docs/funnels.md says what the answer means; README.md how
 * it is found and what it costs.
 */
export const funnel = async (
  warehouse: Warehouse,
  site: { id: string },
  query: FunnelQuery,
  options: { now: number },
): Promise<FunnelAnswer> => {
  const { compareTo, ...rest } = query;
  const asked = createAsked(warehouse, site, rest, options.now);
  const before = compareTo && { ...asked, query: { ...rest, ...compareTo } };
  const [steps, breakdown, comparison] = await Promise.all([
    stepsOf(asked),
    breakdownOf(asked),
    before && stepsOf(before),
  ]);
  return {
    steps,
    ...breakdown,
    ...(compareTo === undefined || comparison === undefined
      ? {}
      : { comparison: { from: compareTo.from, to: compareTo.to, steps: comparison } }),
    ...asked.cost(),
  };
};
