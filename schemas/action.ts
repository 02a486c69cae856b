import { z } from 'zod';
import { BasketItem } from './api/abandonment.ts';
import { DecimalText, PersonId, Timestamp } from './primitives.ts';

/** What lets an action be done; also its place in the ledger. services/automations/ledger.ts says what may follow what. */
export const Phase = z.enum(['requested', 'held', 'claimed', 'handing-over', 'sent', 'failed', 'uncertain', 'skipped']);
export type Phase = z.infer<typeof Phase>;

/**
 * A record of the topic `actions`: one thing to be done for one person, decided once. `id` is derived from
 * (site, automation, person, occasion, step), so planning the same thing again is the same action.
 */
export const Action = z.object({
  v: z.literal(1),
  id: z.string(),
  site: z.string(),
  automation: z.string(),
  automationVersion: z.number().int(),
  step: z.number().int(),
  person: PersonId,
  userId: z.string(),
  email: z.string(),
  /** `cart id @ last activity`: the same basket left again later is another occasion. */
  occasion: z.string(),
  requestedAt: Timestamp,
  basket: z.object({
    cartId: z.string(),
    items: z.array(BasketItem),
    removed: z.array(BasketItem),
    value: DecimalText,
    currency: z.string(),
    lastActivity: Timestamp,
  }),
});
export type Action = z.infer<typeof Action>;
