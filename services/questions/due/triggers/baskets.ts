import type { Basket } from '../../../../schemas/api/abandonment.ts';
import type { Warehouse } from '../../../platform/warehouse/warehouse.ts';
import { abandonedBaskets } from '../../abandonment/abandonment.ts';
import type { Asked, Occasion } from '../occasion.ts';

/** The basket as it was left: left again later, it is another occasion. */
const occasionOf = ({ cartId, lastActivity }: Pick<Basket, 'cartId' | 'lastActivity'>): string =>
  `${cartId}@${lastActivity}`;

const kinds = { 'abandoned-basket': 'cart', 'abandoned-checkout': 'checkout', browsed: 'browse' } as const;

/** Baskets, checkouts and looks that were left: the occasion comes about once they have been idle for long enough. */
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
    to: to - idle,
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
      at: Date.parse(lastActivity) + idle,
      basket: { of: kinds[trigger.kind], cartId, items, removed, value, currency, lastActivity },
      event: null,
    };
  });
};
