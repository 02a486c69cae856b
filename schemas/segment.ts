import { z } from 'zod';
import { isOfPerson, PropertyCondition, PropertyPath, SegmentId, Where } from './filters.ts';
import { Currency, EventName, type SiteId, Timestamp } from './primitives.ts';
import { RfmClass } from './rfm.ts';

/** How deep `all`, `any` and `not` may stand in each other. */
const mostLevels = 5;

const isBound = ({ atLeast, atMost, exactly }: Bounds): boolean =>
  exactly === undefined
    ? (atLeast !== undefined || atMost !== undefined) && (atLeast ?? -Infinity) <= (atMost ?? Infinity)
    : atLeast === undefined && atMost === undefined;
const boundsMessage = '"exactly", or "atLeast" and "atMost" or one of them';
type Bounds = { atLeast?: number | undefined; atMost?: number | undefined; exactly?: number | undefined };

const count = z.number().int().min(0).max(1_000_000).optional();
/** Compared exactly to four digits after the point. */
const amount = z.number().min(-1e11).max(1e11).optional();
const Times = z.strictObject({ atLeast: count, atMost: count, exactly: count }).refine(isBound, boundsMessage);
const amounts = { atLeast: amount, atMost: amount, exactly: amount };

/** When: `from <= t < to` (one of them may be missing), or the last days up to the end of the current minute. */
export const When = z
  .strictObject({
    from: Timestamp.optional(),
    to: Timestamp.optional(),
    lastDays: z.number().int().min(1).max(3660).optional(),
  })
  .refine(
    ({ from, to, lastDays }) =>
      lastDays === undefined ? from !== undefined || to !== undefined : from === undefined && to === undefined,
    '"lastDays", or "from" and "to" or one of them',
  )
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be later than "from"',
  });
export type When = z.infer<typeof When>;

/** `*` is any event but those that we recorded ourselves (Email Sent and the like). */
const did = z.strictObject({
  kind: z.literal('did'),
  event: EventName,
  where: Where.default([]),
  in: When.optional(),
  /** How often; once at least, if nothing is said. Who never did it did it 0 times. */
  times: Times.optional(),
  /**
   * Instead of `times`: the sum of a property over those events; 0 for who never did it. Of money (price, revenue, value, or what is given a currency) it is the sum in
   * one currency, the site's unless said.
   */
  sum: z
    .strictObject({ property: PropertyPath, currency: Currency.optional(), ...amounts })
    .refine(isBound, boundsMessage)
    .optional(),
});
const didNot = z.strictObject({
  kind: z.literal('didNot'),
  event: EventName,
  where: Where.default([]),
  in: When.optional(),
});

/** Who they are, as last said: traits of identify calls, address, user id. All must hold. */
const is = z.strictObject({
  kind: z.literal('is'),
  where: z
    .array(
      PropertyCondition.refine(
        ({ property }) => isOfPerson(property),
        'expected a property "traits.…", "person.email" or "person.userId"',
      ),
    )
    .min(1)
    .max(20),
});
/** The first or the last event that the person caused lies in this time. */
const seen = z.strictObject({ kind: z.literal('seen'), which: z.enum(['first', 'last']), in: When });
/** Buyers of this time who are of one of these classes (docs/value.md). */
const rfm = z.strictObject({
  kind: z.literal('rfm'),
  classes: z.array(RfmClass).min(1).max(RfmClass.options.length),
  in: When.default({ lastDays: 365 }),
});
/** What all their orders are worth, net, in one currency; 0 for who never bought. */
const lifetimeValue = z
  .strictObject({ kind: z.literal('lifetimeValue'), currency: Currency, ...amounts })
  .refine(isBound, boundsMessage);
const inSegment = z.strictObject({ kind: z.literal('inSegment'), segment: SegmentId });

const Leaf = z.discriminatedUnion('kind', [did, didNot, is, seen, rfm, lifetimeValue, inSegment]);

/** Who belongs to a segment. `not`: none of these holds. */
export type Criterion = z.infer<typeof Leaf> | { kind: 'all' | 'any' | 'not'; of: Criterion[] };
type CriterionInput = z.input<typeof Leaf> | { kind: 'all' | 'any' | 'not'; of: CriterionInput[] };
type CriterionSchema = z.ZodType<Criterion, CriterionInput>;

/** Unrolled, not recursive: no input can go deeper than the schema, and OpenAPI needs no reference to itself. */
const levels = (deepest: number): CriterionSchema =>
  deepest === 1
    ? Leaf
    : z.discriminatedUnion('kind', [
        ...Leaf.options,
        z.strictObject({
          kind: z.enum(['all', 'any', 'not']),
          of: z
            .array(levels(deepest - 1))
            .min(1)
            .max(20),
        }),
      ]);
export const Criterion: CriterionSchema = levels(mostLevels);

/** Persons of a site by criteria whose segments are inlined and whose times are absolute. `currency`: of orders that say none. */
export type People = { site: SiteId; currency: string; is: Criterion };

export const Segment = z.object({
  name: z.string().min(1).max(100),
  description: z.string().max(1000).default(''),
  is: Criterion,
});
export type Segment = z.infer<typeof Segment>;
