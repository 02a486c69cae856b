import { randomUUID } from 'node:crypto';

type Properties = Readonly<Record<string, unknown>>;

export const tent = { product_id: 'tent', name: 'Tent "Nook"', price: 120, quantity: 1, currency: 'EUR' };
export const lamp = { product_id: 'lamp', name: 'Lamp <Glow>', price: '19.90', quantity: 2, currency: 'EUR' };
export const mug = { product_id: 'mug', name: 'Mug', price: 8.5, quantity: 1, currency: 'EUR' };

/**
 * A shopper at a browser: `device()` opens one, anonymous until `signIn`. Each call is one request to the tracking
 * endpoint, as a page would send it, and fails unless it was taken.
 */
export const createShopper = (
  shop: { base: string; writeKey: string; now: () => number },
  userId: string,
  email: string,
) => {
  const device = (name: string) => {
    const anonymousId = `${name}-${userId}`;
    const state = { isSignedIn: false };
    const cartId = `cart-${anonymousId}`;
    const send = async (event: Properties): Promise<void> => {
      const sentAt = new Date(shop.now()).toISOString();
      const response = await fetch(`${shop.base}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: JSON.stringify({
          writeKey: shop.writeKey,
          sentAt,
          batch: [
            {
              messageId: randomUUID(),
              anonymousId,
              timestamp: sentAt,
              ...(state.isSignedIn ? { userId } : {}),
              ...event,
            },
          ],
        }),
      });
      const answer = (await response.json()) as { accepted?: number };
      if (response.status !== 200 || answer.accepted !== 1)
        throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    };
    const track = (event: string, properties: Properties) => send({ type: 'track', event, properties });
    return {
      anonymousId,
      signIn: (traits: Properties = {}) => {
        state.isSignedIn = true;
        return send({ type: 'identify', userId, traits: { email, firstName: 'Ada', ...traits } });
      },
      search: (query: string) => track('Products Searched', { query }),
      view: (product: Properties) => track('Product Viewed', product),
      add: (product: Properties) => track('Product Added', { cart_id: cartId, ...product }),
      remove: (product: Properties) => track('Product Removed', { cart_id: cartId, ...product }),
      checkOut: () =>
        track('Checkout Started', { cart_id: cartId, checkout_id: `checkout-${cartId}`, currency: 'EUR' }),
      order: (orderId: string, revenue: number, more: Properties = {}) =>
        track('Order Completed', { order_id: orderId, cart_id: cartId, revenue, currency: 'EUR', ...more }),
      track,
    };
  };
  return { userId, email, device };
};
