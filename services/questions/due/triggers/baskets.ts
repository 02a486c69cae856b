import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { abandonedBaskets, type LeftBasket } from '../../abandonment/abandonment.ts';
import type { Asked, Occasion } from '../occasion.ts';

/** The basket as it was left: changed and left again later, it is another occasion; looked at again, it is not. */
const occasionOf = ({ cartId, changedAt }: LeftBasket): string => `${cartId}@${changedAt}`;

/** The name of an occasion ended in the last activity once, and each look at the basket made another. A person has one basket at a time. */
const wasNamed =
  ({ changedAt, lastActivity }: LeftBasket) =>
  (name: string): boolean => {
    const at = Date.parse(name.slice(name.lastIndexOf('@') + 1));
    return at >= Date.parse(changedAt) && at <= Date.parse(lastActivity);
  };

const kinds = { 'abandoned-basket': 'cart', 'abandoned-checkout': 'checkout', browsed: 'browse' } as const;

/**
 * Baskets, checkouts and looks that were left: the occasion comes about once they have been idle for long enough. Of those that are asked about also those that are being looked at again: theirs
 * comes about later.
 */
export const basketOccasions = async (
  warehouse: Warehouse,
  site: { id: string; currency: string },
  trigger: { kind: keyof typeof kinds; idleSeconds: number },
  { now, from, to, about }: Asked,
): Promise<Occasion[]> => {
  const idle = trigger.idleSeconds * 1000;
  const baskets = await abandonedBaskets(warehouse, site, {
    kind: kinds[trigger.kind],
    idleSeconds: trigger.idleSeconds,
    from: from - idle,
    to: about === undefined ? to - idle : to,
    withOpen: about !== undefined,
    now,
    persons: about?.map(({ person }) => person),
  });
  return baskets.map((basket) => {
    const { person: owner, userId, email, cartId, items, removed, value, currency, lastActivity } = basket;
    return {
      person: owner,
      userId,
      email,
      occasion: occasionOf(basket),
      wasNamed: wasNamed(basket),
      at: Date.parse(lastActivity) + idle,
      basket: { of: kinds[trigger.kind], cartId, items, removed, value, currency, lastActivity },
      event: null,
    };
  });
};
