import type { Action, LeftBasket, TriggerEvent } from '../../schemas/action.ts';
import type { Automation, Discount, Trigger } from '../../schemas/automation.ts';
import type { Site } from '../../schemas/site.ts';
import { benefitOf } from '../questions/discounts/benefit.ts';
import type { IssuedCode } from './discounts.ts';

/** Somebody who does not exist, for mails that are only looked at. */
const samplePerson = { firstName: 'Alex', lastName: 'Sample' };

/** Codes are written in an alphabet without L and O (`base32`): this one is never issued, so no shop will take it. */
const sampleCode = 'SAVE-SAMPL-ECODE';

const basketOf = {
  'abandoned-basket': 'cart',
  'abandoned-checkout': 'checkout',
  browsed: 'browse',
} as const;

const sampleBasket = (of: LeftBasket['of'], currency: string, at: string): LeftBasket => {
  const item = (productId: string, name: string, price: string, quantity: number): LeftBasket['items'][number] => ({
    productId,
    name,
    price,
    quantity,
    url: '',
    imageUrl: '',
    currency,
  });
  const items = [item('sample-1', 'Sample product', '49.90', 2), item('sample-2', 'Another product', '20.00', 1)];
  const removed = of === 'browse' ? [] : [item('sample-3', 'A product taken out', '15.00', 1)];
  return { of, cartId: 'sample', items, removed, value: '119.80', currency, lastActivity: at };
};

/** One of every property that the ready-made automations speak of. */
const sampleEvent = (name: string, currency: string, now: number): TriggerEvent => ({
  name,
  at: new Date(now).toISOString(),
  properties: {
    order_id: 'A-1001',
    product_id: 'sample-1',
    name: 'Sample product',
    price: 49.9,
    currency,
    quantity: 1,
    expected_at: new Date(now + 2 * 86_400_000).toISOString(),
  },
});

/** An action that never was planned, of the kind that this trigger brings about. It stays in memory. */
export const sampleAction = (
  what: { trigger: Trigger; purpose?: Automation['purpose']; automation: string; stepId: string },
  site: Site,
  { id, email, now }: { id: string; email: string; now: number },
): Action => {
  const { trigger, purpose = 'marketing', automation, stepId } = what;
  const at = new Date(now).toISOString();
  return {
    v: 1,
    id,
    site: site.id,
    automation,
    automationVersion: 0,
    step: 1,
    stepId,
    kind: 'email',
    purpose,
    variant: 0,
    person: '0',
    userId: 'sample',
    email,
    addressee: samplePerson,
    occasion: 'sample',
    requestedAt: at,
    basket:
      trigger.kind in basketOf
        ? sampleBasket(basketOf[trigger.kind as keyof typeof basketOf], site.currency, at)
        : null,
    event: 'event' in trigger ? sampleEvent(trigger.event, site.currency, now) : null,
  };
};

export const sampleDiscount = (discount: Discount, now: number): IssuedCode => ({
  ...benefitOf(discount),
  code: sampleCode,
  expiresAt: new Date(now + discount.validSeconds * 1000).toISOString(),
});
