/** One browser's batch as SDKs send it: 20 events, about 17 KB. Message ids repeat between requests, which the collector does not mind. */
export const createSampleBatch = (): string => {
  const names = ['Product Viewed', 'Product Added', 'Product Removed', 'Checkout Started', 'Product List Viewed'];
  const batch = Array.from({ length: 20 }, (_, i) => ({
    type: 'track',
    event: names[i % names.length],
    messageId: `ajs-next-1763890000${100 + i}-5f0c6a0e-7f0e-4a59-9f9b-1f9c0e7d2a${10 + i}`,
    anonymousId: '0b7f5c1e-1d6a-4a6e-8f63-2f1f0c6f7a11',
    timestamp: new Date(Date.now() - i * 1000).toISOString(),
    properties: {
      product_id: `sku-${1000 + i}`,
      name: `Desk lamp number ${i} with a warm light`,
      category: 'Lighting',
      brand: 'Lumen',
      price: 19.9 + i,
      quantity: 1 + (i % 3),
      currency: 'EUR',
      cart_id: 'cart-77120',
    },
    context: {
      page: {
        path: `/lighting/desk-lamp-${i}`,
        referrer: 'https://shop.example/lighting',
        search: '?utm_source=newsletter',
        title: `Desk lamp ${i} | Shop`,
        url: `https://shop.example/lighting/desk-lamp-${i}?utm_source=newsletter`,
      },
      campaign: { source: 'newsletter', medium: 'email', name: 'autumn' },
      sessionId: '5d2b3c3a-97a4-4f5e-a0f1-7f7b5f6f2f01',
      locale: 'de-DE',
      timezone: 'Europe/Berlin',
      library: { name: 'desirepath', version: '1' },
    },
    integrations: {},
  }));
  return JSON.stringify({ batch, sentAt: new Date().toISOString(), writeKey: 'bench' });
};
