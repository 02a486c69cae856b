import { z } from 'zod';
import { BasketItem } from './api/abandonment.ts';
import { AnyObject, DecimalText, PersonId, Timestamp } from './primitives.ts';

/** What lets an action be done; also its place in the ledger. services/automations/ledger.ts says what may follow what. */
export const Phase = z.enum(['requested', 'held', 'claimed', 'handing-over', 'sent', 'failed', 'uncertain', 'skipped']);
export type Phase = z.infer<typeof Phase>;

/** A price is in the currency that its item says, else in the basket's: earlier actions say none. */
const ActionItem = BasketItem.extend({ currency: z.string().optional() });
export type ActionItem = z.infer<typeof ActionItem>;

/** A basket, or what somebody looked at, as it was left. */
export const LeftBasket = z.object({
  of: z.enum(['cart', 'checkout', 'browse']).default('cart'),
  cartId: z.string(),
  items: z.array(ActionItem),
  removed: z.array(ActionItem),
  value: DecimalText,
  currency: z.string(),
  lastActivity: Timestamp,
});
export type LeftBasket = z.infer<typeof LeftBasket>;

/** The event that is the occasion. */
export const TriggerEvent = z.object({ name: z.string(), at: Timestamp, properties: AnyObject });
export type TriggerEvent = z.infer<typeof TriggerEvent>;

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
  /** Which of the steps that do something, from 1; for people. `stepId` is what counts. */
  step: z.number().int(),
  stepId: z.string().default('1'),
  kind: z.enum(['email', 'webhook']).default('email'),
  /** What it is sent as: the automation's purpose when it was planned. */
  purpose: z.enum(['marketing', 'service']).default('marketing'),
  /** Which of the step's mails: 0 is `email`, then its variants. */
  variant: z.number().int().default(0),
  person: PersonId,
  userId: z.string(),
  email: z.string(),
  /** How they are addressed, as they had said by then: asked for all who are planned at once, which costs little, and not for each message as it goes. */
  addressee: z.object({ firstName: z.string(), lastName: z.string() }).default({ firstName: '', lastName: '' }),
  /** E.g. `cart id @ last change`: the same basket, changed and left again later, is another occasion. */
  occasion: z.string(),
  requestedAt: Timestamp,
  /** When its step had come: how late it is by the time that it is to go counts from here. Earlier actions do not say. */
  dueAt: Timestamp.optional(),
  basket: LeftBasket.nullable().default(null),
  event: TriggerEvent.nullable().default(null),
});
export type Action = z.infer<typeof Action>;

/** What a person decides about an action of which nobody knows whether it went out: it counts as sent, or is sent again. */
export const SettledAs = z.enum(['sent', 'again']);

/** A record of the topic `actions`, too. `sequence`: of the ledger's row that it is about; of several decisions about one row the first on the log holds. */
export const Settlement = z.object({
  v: z.literal(1),
  kind: z.literal('settlement'),
  as: SettledAs,
  sequence: z.number().int(),
  action: Action,
});
export type Settlement = z.infer<typeof Settlement>;
