import type { OracleEvent, OracleProduct } from '../oracle/basket.ts';

/** Events with whose they are, and which device belongs to whom. */
export type BasketShop = {
  events: { user: string; device: string; event: OracleEvent }[];
  links: { device: string; user: string; active: boolean }[];
};

const columns = [
  'site',
  'timestamp',
  'event',
  'type',
  'message_id',
  'user_id',
  'anonymous_id',
  'session',
  'product_id',
  'variant',
  'product_name',
  'category',
  'quantity',
  'price',
  'currency',
  'revenue',
  'products',
  'order_id',
  'campaign_source',
];

export const categoryOf = (productId: string): string => (productId === 'tent' ? 'camp' : 'home');
const columnTime = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', '');
const decimal = (units: number | undefined): string | null =>
  units === undefined ? null : (units / 10_000).toFixed(4);

const inList = ({ productId, variant, quantity, price }: OracleProduct) => ({
  product_id: productId,
  variant,
  category: categoryOf(productId),
  quantity,
  price: decimal(price) ?? undefined,
});

/** Rows of the table `events`. */
export const basketRows = (site: string, { events }: BasketShop): { columns: string[]; lines: Buffer } => {
  const lines = events.map(({ user, device, event }) => {
    const { product } = event;
    return JSON.stringify([
      site,
      columnTime(event.at),
      event.event,
      'track',
      event.messageId,
      user,
      device,
      event.session ?? '',
      product?.productId ?? '',
      product?.variant ?? '',
      product === undefined ? '' : `The ${product.productId}`,
      product === undefined ? '' : categoryOf(product.productId),
      product?.quantity ?? null,
      decimal(product?.price),
      event.currency,
      decimal(event.total),
      event.products === undefined ? '' : JSON.stringify(event.products.map(inList)),
      event.orderId ?? '',
      event.source ?? '',
    ]);
  });
  return { columns, lines: Buffer.from(lines.map((line) => `${line}\n`).join('')) };
};

/** Rows of the table `identities`. */
export const identityRows = (site: string, { links }: BasketShop): { columns: string[]; lines: Buffer } => {
  const lines = links.map(({ device, user, active }) =>
    JSON.stringify([site, device, user, columnTime(Date.parse('2026-10-12T00:00:00Z')), 'link', active ? 1 : 0]),
  );
  return {
    columns: ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id', 'active'],
    lines: Buffer.from(lines.map((line) => `${line}\n`).join('')),
  };
};
