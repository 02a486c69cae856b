import { z } from 'zod';

/** Instant in ISO 8601 with a zone, e.g. `2026-10-01T00:00:00Z`. Answers are always UTC. */
export const Timestamp = z.iso.datetime({ offset: true });
export type Timestamp = z.infer<typeof Timestamp>;

/** Site id: what an operator typed when the site was made; part of every row's key. */
export const SiteId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes, 1 to 40, not starting with a dash');
export type SiteId = z.infer<typeof SiteId>;

/** ISO 4217 code. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'three capital letters, e.g. EUR');

/** Exact decimal as text, e.g. `19.90`: a float would lose cents. */
export const DecimalText = z.string().regex(/^-?\d{1,14}(\.\d{1,4})?$/, 'a decimal number, e.g. "19.90"');

export const Money = z.object({ currency: z.string(), amount: DecimalText });
export type Money = z.infer<typeof Money>;

/** Half-open: `from <= t < to`. */
export const Range = z.object({ from: Timestamp, to: Timestamp });
export type Range = z.infer<typeof Range>;

/** For `refine`: a range that holds at least an instant. */
export const isInOrder = ({ from, to }: Range): boolean => Date.parse(from) < Date.parse(to);

/** An event's name as it is asked for. */
export const EventName = z.string().min(1).max(200);

/** A resolved person: an unsigned 64-bit number as decimal text (JSON numbers end at 2^53). */
export const PersonId = z.string().regex(/^\d{1,20}$/, 'a person id as returned by this API');
export type PersonId = z.infer<typeof PersonId>;

/** Opaque position in a paged list; null at its end. */
export const Cursor = z.string().max(500);

/**
 * What a client sent, whole. Not `z.record`: that leaves out a key named `__proto__`, which is data like any other once JSON.parse has made
 * it the object's own.
 */
export const AnyObject = z
  .custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  .meta({ type: 'object', additionalProperties: true });

/** Of a pool of discount codes. */
export const PoolId = z.string().regex(/^[a-z0-9-]{1,60}$/);
