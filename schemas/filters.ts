import { z } from 'zod';
import { EventName } from './primitives.ts';

/** Where a value is found: `price` (an event property), `context.campaign.source`, `traits.plan`, `person.email`. */
export const PropertyPath = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}`'"\\]+$/u, 'no quotes, backticks, backslashes or control characters')
  .refine((path) => path.split('.').length <= 8, 'at most 8 levels');

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

/** One condition on an event; a list of them means all must hold. `matches` is an RE2 pattern. */
export const Condition = z.discriminatedUnion('op', [withValue, withList, between, presence]);
export type Condition = z.infer<typeof Condition>;

export const Where = z.array(Condition).max(20);
export type Where = z.infer<typeof Where>;

/** Which events are meant: of a name ('*' for any), that pass every condition. */
export const EventFilter = z.object({ event: EventName.default('*'), where: Where.default([]) });
export type EventFilter = z.infer<typeof EventFilter>;

/** A property whose `limit` largest values are shown apart; the rest is "(other)", events without it are "(none)". */
export const Breakdown = z.object({ property: PropertyPath, limit: z.number().int().min(1).max(50).default(10) });

/** A part of an answer by a breakdown. `kind` tells "(other)" and "(none)" from values that read like them. */
export const BreakdownPart = z.object({ value: z.string(), kind: z.enum(['value', 'other', 'none']) });
export type BreakdownPart = z.infer<typeof BreakdownPart>;
