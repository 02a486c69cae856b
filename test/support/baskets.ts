import { columnTime } from '../../services/platform/warehouse/column-time.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import type { OracleEvent, OracleProduct } from '../oracle/basket.ts';
import { insertRows } from './rows.ts';

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
  'cart_id',
  'checkout_id',
  'campaign_source',
];

export const categoryOf = (productId: string): string => (productId === 'tent' ? 'camp' : 'home');
const decimal = (units: number | undefined): string | null =>
  units === undefined ? null : (units / 10_000).toFixed(4);

const inList = ({ productId, variant, quantity, price }: OracleProduct) => ({
  product_id: productId,
  variant,
  category: categoryOf(productId),
  quantity,
  price: decimal(price) ?? undefined,
});

/** Writes the events, and which device belongs to whom; an event that is given twice stands in the table twice. */
export const storeBaskets = async (
  warehouse: Warehouse,
  site: string,
  { events, links }: BasketShop,
): Promise<void> => {
  const rows = events.map(({ user, device, event }) => {
    const { product } = event;
    return [
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
      event.cartId ?? '',
      event.checkoutId ?? '',
      event.source ?? '',
    ];
  });
  await insertRows(warehouse, 'events', columns, rows);
  const linkedAt = columnTime(Date.parse('2026-10-12T00:00:00Z'));
  await insertRows(
    warehouse,
    'identities',
    ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id', 'active'],
    links.map(({ device, user, active }) => [site, device, user, linkedAt, 'link', active ? 1 : 0]),
  );
};
