import { z } from 'zod';
import { EventName, type SiteId } from './primitives.ts';
import type { People } from './segment.ts';

/** Where a value is found: `price` (an event property), `context.campaign.source`, `traits.plan`, `person.email`. */
export const PropertyPath = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}`'"\\]+$/u, 'no quotes, backticks, backslashes or control characters')
  .refine((path) => path.split('.').length <= 8, 'at most 8 levels');

/** What is the person's, as last said, and not an event's. */
export const isOfPerson = (property: string): boolean => /^(traits|person)\./.test(property);

export const SegmentId = z.string().regex(/^[a-z0-9-]{1,60}$/, 'the id of a saved segment');

const Scalar = z.union([z.string().max(1000), z.number(), z.boolean()]);
const ScalarList = z.array(Scalar).min(1).max(100);

const withValue = z.object({
  property: PropertyPath,
  op: z.enum(['eq', 'neq', 'contains', 'notContains', 'startsWith', 'matches', 'gt', 'gte', 'lt', 'lte']),
  value: Scalar,
});
const withList = z.object({ property: PropertyPath, op: z.enum(['in', 'notIn']), value: ScalarList });
const between = z.object({
  property: PropertyPath,
  op: z.literal('between'),
  value: z.tuple([z.number(), z.number()]),
});
const presence = z.object({ property: PropertyPath, op: z.enum(['exists', 'notExists']) });
const inSegment = z.object({ op: z.enum(['inSegment', 'notInSegment']), segment: SegmentId });

const onProperty = [withValue, withList, between, presence] as const;

/** A condition on a value of the event, or of its person. `matches` is an RE2 pattern. */
export const PropertyCondition = z.discriminatedUnion('op', onProperty);
/**
 * `site`: whose persons a condition on `traits.…` or `person.…` is about. It is put in where the question is asked (services/questions/segments/resolve.ts)
 * and never sent, since parsing drops it.
 */
export type PropertyCondition = z.infer<typeof PropertyCondition> & { site?: SiteId };

/**
 * A condition on the person of the event. `people` is what the id stands for, put in likewise.
 */
export type SegmentCondition = z.infer<typeof inSegment> & { people?: People };

/** One condition on an event; a list of them means all must hold. */
export type Condition = PropertyCondition | SegmentCondition;
export const Condition: z.ZodType<Condition, Condition> = z.discriminatedUnion('op', [...onProperty, inSegment]);

export const Where = z.array(Condition).max(20);
export type Where = z.infer<typeof Where>;

/** Which events are meant: of a name ('*' for any that a person caused), that pass every condition. */
export const EventFilter = z.object({ event: EventName.default('*'), where: Where.default([]) });
export type EventFilter = z.infer<typeof EventFilter>;

/** A property whose `limit` largest values are shown apart; the rest is "(other)", events without it are "(none)". */
export const Breakdown = z.object({ property: PropertyPath, limit: z.number().int().min(1).max(50).default(10) });

/** A part of an answer by a breakdown. `kind` tells "(other)" and "(none)" from values that read like them. */
export const BreakdownPart = z.object({ value: z.string(), kind: z.enum(['value', 'other', 'none']) });
export type BreakdownPart = z.infer<typeof BreakdownPart>;
