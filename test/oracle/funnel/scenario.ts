import fc from 'fast-check';
import type { OracleBreakdown, OracleExclusion, OracleFunnel, OracleStep } from './rows.ts';

/** Journeys and funnels to compare over: few names and few instants, so that ties, repeats and overlaps are the rule. */
export const start = Date.parse('2026-10-10T00:00:00Z');

/** Half a second apart, so that windows end between and on rows: over 14 s, 5 s, or so few instants that steps meet in them. */
const halves = fc.constantFrom({ min: -4, max: 24 }, { min: 0, max: 9 }, { min: 0, max: 9 }, { min: 0, max: 3 });

const rowIn = (range: { min: number; max: number }) =>
  fc.record(
    {
      time: fc.integer(range).map((half) => start + half * 500),
      event: fc.constantFrom('a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'x', 'x', 'other'),
      price: fc.constantFrom(1, 5, 9),
      /** By us, now and then. */
      channel: fc.constantFrom('internal', 'browser', 'browser'),
      session: fc.constantFrom('s1', 's2'),
      product: fc.constantFrom('p1', 'p2'),
      products: fc.constantFrom(['p1'], ['p2'], ['p1', 'p2'], ['p2', 'p3'], ['p1', 'p1']),
      source: fc.constantFrom('ads', 'mail', 'shop'),
    },
    { requiredKeys: ['time', 'event', 'price'] },
  );
/** Unbiased: fast-check would rather try short journeys and the ends of ranges. */
export const person = fc.noBias(
  fc
    .record({ range: halves, length: fc.constantFrom(2, 5, 6, 7, 8, 9) })
    .chain(({ range, length }) => fc.array(rowIn(range), { minLength: length, maxLength: length })),
);

const often = fc.constantFrom(true, true, false);
const seldom = fc.constantFrom(true, false, false, false, false);

const step: fc.Arbitrary<OracleStep> = fc
  .record({
    event: fc.constantFrom('a', 'b', 'c'),
    minimumPrice: fc.constantFrom(5, 1, 0, 0, 0),
    product: fc.record({ id: fc.constantFrom('p1', 'p2'), isNot: fc.boolean() }),
    isOfProduct: seldom,
  })
  .map(({ event, minimumPrice, product, isOfProduct }) => ({
    event,
    ...(minimumPrice === 0 ? {} : { minimumPrice }),
    ...(isOfProduct ? { product } : {}),
  }));
const optionalStep = fc.record({ step, optional: often }).map(({ step: own, optional }) => ({ ...own, optional }));
const timedStep = fc
  .record({ step: optionalStep, withinSeconds: fc.integer({ min: 1, max: 4 }), isTimed: often, optional: seldom })
  .map(({ step: { optional: _optional, ...own }, withinSeconds, isTimed, optional }) => ({
    ...own,
    optional,
    ...(isTimed ? { withinSeconds } : {}),
  }));
const firstStep = fc
  .record({ step, firstEver: often, firstMatching: seldom })
  .map(({ step: own, ...rest }) => ({ ...own, ...rest }));
const list = (of: fc.Arbitrary<OracleStep>) =>
  fc.constantFrom(1, 2, 3, 3, 4).chain((length) => fc.array(of, { minLength: length, maxLength: length }));

const steps = fc.oneof(
  list(step),
  list(step),
  list(optionalStep),
  list(timedStep),
  list(firstStep),
  fc.constantFrom<OracleStep[]>(
    [{ event: 'a' }, { event: 'b' }],
    [{ event: 'b' }, { event: 'a' }, { event: 'c' }],
    [{ event: 'a' }, { event: 'a' }, { event: 'b' }],
  ),
);

const exclusion: fc.Arbitrary<OracleExclusion> = fc
  .record({ event: fc.constantFrom('x', 'x', 'x', 'other'), isCheapOut: seldom, after: fc.nat(3), before: fc.nat(3) })
  .map(({ isCheapOut, ...rest }) => ({ ...rest, ...(isCheapOut ? { minimumPrice: 5 } : {}) }));

/** Only what makes sense together, as the API has it. */
const sensible = (funnel: OracleFunnel): OracleFunnel => {
  const isUnordered = funnel.order === 'unordered';
  const last = funnel.steps.length - 1;
  const own = funnel.steps.map(({ optional, withinSeconds, ...rest }, index) => ({
    ...rest,
    ...(optional === true && index > 0 && !isUnordered ? { optional } : {}),
    ...(withinSeconds !== undefined && index > 0 && !isUnordered ? { withinSeconds } : {}),
  }));
  const exclusions = funnel.exclusions
    .map((each) => {
      const after = isUnordered || last < 1 ? 0 : each.after % last;
      const before = isUnordered ? last : after + 1 + (each.before % Math.max(1, last - after));
      return { ...each, after, before };
    })
    .filter(
      ({ after, before }) =>
        after < before && before <= last && own[after]?.optional !== true && own[before]?.optional !== true,
    );
  return {
    ...funnel,
    steps: own,
    exclusions,
    open: funnel.open && !isUnordered,
    reentry: funnel.countBy === 'entry' ? 'best' : funnel.reentry,
  };
};

/** Funnels without the options that the warehouse leaves to the solver. */
const plain = (funnel: OracleFunnel): OracleFunnel => ({
  ...funnel,
  order: 'ordered',
  open: false,
  exclusions: [],
  steps: funnel.steps.map(({ optional: _optional, withinSeconds: _within, ...rest }) => rest),
  countBy: funnel.countBy === 'entry' ? 'person' : funnel.countBy,
});

const seconds = (min: number, max: number) => fc.integer({ min, max }).map((value) => start + value * 1000);

export const scenarioFunnel: fc.Arbitrary<OracleFunnel> = fc
  .record({
    steps,
    exclusions: fc.oneof(
      fc.constant<OracleExclusion[]>([]),
      fc.constantFrom(1, 2).chain((length) => fc.array(exclusion, { minLength: length, maxLength: length })),
    ),
    exclusionEffect: fc.constantFrom('exclude' as const, 'block' as const),
    order: fc.constantFrom('ordered' as const, 'ordered' as const, 'strict' as const, 'unordered' as const),
    open: fc.constantFrom(true, false, false),
    from: seconds(-2, 1),
    length: fc.constantFrom(2, 6, 9, 14, 14),
    windowSeconds: fc.constantFrom(1, 2, 3, 5, 8),
    rangeApplies: fc.constantFrom('entry' as const, 'all' as const),
    reentry: fc.constantFrom('best' as const, 'best' as const, 'first' as const),
    countBy: fc.constantFrom('person' as const, 'person' as const, 'session' as const, 'entry' as const),
    leastPrice: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, 5),
    constant: fc.constantFrom(
      ...[undefined, undefined, undefined, undefined, undefined, undefined],
      ...(['product', 'product_id', 'properties.product_id'] as const),
    ),
    now: seconds(0, 20),
    isPlain: fc.constantFrom(true, false, false),
  })
  .map(({ length, leastPrice, constant, isPlain, ...rest }) => {
    const funnel = sensible({
      ...rest,
      to: rest.from + length * 1000,
      ...(leastPrice === undefined ? {} : { leastPrice }),
      ...(constant === undefined ? {} : { constant }),
    });
    return isPlain ? plain(funnel) : funnel;
  });

export const scenarioBreakdown: fc.Arbitrary<OracleBreakdown> = fc.record({
  attribution: fc.constantFrom('first' as const, 'last' as const, 'all' as const, 'step' as const),
  step: fc.nat(3),
  limit: fc.integer({ min: 1, max: 3 }),
  none: fc.boolean(),
});
