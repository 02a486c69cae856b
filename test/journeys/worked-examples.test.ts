import { expect, test } from 'vitest';
import { createTestProduct } from '../support/product.ts';
import { workedExample } from '../support/worked-example.ts';

const pages = ['segments.md', 'value.md', 'attribution.md', 'baskets.md', 'search-to-rating.md'];

test('what the pages of docs show comes out as they say', async () => {
  const product = await createTestProduct();
  for (const [index, page] of pages.entries()) {
    const { events, asked } = workedExample(page);
    expect(asked.length, page).toBeGreaterThan(0);
    const id = `shop-${index}`;
    const site = await product.createSite(id);
    const response = await fetch(`${product.base}/v1/import`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${site.secretKeys[0]}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        writeKey: site.writeKeys[0],
        batch: events.map((event, place) => ({ type: 'track', messageId: `${page}-${place}`, ...event })),
      }),
    });
    expect(await response.json(), page).toMatchObject({ accepted: events.length });
    await product.settled(id, events.length);
    for (const { method, path, body, answer } of asked)
      expect(await product.api(method, path.replace('/shop/', `/${id}/`), body), `${page}: ${path}`).toMatchObject(
        answer,
      );
  }
});
