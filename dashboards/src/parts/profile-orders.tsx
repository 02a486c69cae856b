import type { PersonOrder, PersonProfile } from '../../../schemas/api/profile.ts';
import { useNow } from '../clock.ts';
import { ago, count, dayAndTime, money, plural } from '../format.ts';
import { useSite } from '../session.ts';
import { BasketItems } from './basket-items.tsx';
import { Sums } from './money.tsx';
import { Tag, Tile, type Tone } from './tile.tsx';

const statuses: Readonly<Record<PersonOrder['status'], { label: string; tone: Tone }>> = {
  placed: { label: 'Placed', tone: 'info' },
  shipped: { label: 'Shipped', tone: 'info' },
  delivered: { label: 'Delivered', tone: 'good' },
  returned: { label: 'Returned', tone: 'warn' },
  partlyRefunded: { label: 'Partly refunded', tone: 'warn' },
  refunded: { label: 'Refunded', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'bad' },
};

/** What a person is worth, net, by currency; what went back is said beside it. */
export const Worth = ({ value }: Pick<PersonProfile, 'value'>) => {
  const sums = (amount: 'net' | 'refunded' | 'averageOrderValue') =>
    value.flatMap((each) => {
      const found = each[amount];
      return found === null || Number(found) === 0 ? [] : [{ currency: each.currency, amount: found }];
    });
  const refunded = sums('refunded');
  const cancelled = value.reduce((sum, { cancelledOrders }) => sum + cancelledOrders, 0);
  return (
    <Tile title="Worth">
      <div className="row" style={{ gap: 28, alignItems: 'flex-start' }}>
        <div className="figure">
          <div className="name">Orders</div>
          <div className="value">{count(value.reduce((sum, { orders }) => sum + orders, 0))}</div>
          <div className="under">{cancelled > 0 && `${count(cancelled)} more cancelled`}</div>
        </div>
        <div className="figure grow">
          <div className="name">Net revenue</div>
          <div className="value">
            <Sums sums={sums('net')} />
          </div>
          <div className="under">
            {sums('averageOrderValue').length > 0 && (
              <span>
                <Sums sums={sums('averageOrderValue')} /> an order
              </span>
            )}
            {refunded.length > 0 && (
              <span>
                <Sums sums={refunded} /> refunded
              </span>
            )}
          </div>
        </div>
      </div>
    </Tile>
  );
};

export const BasketsNow = ({ baskets }: Pick<PersonProfile, 'baskets'>) => {
  const nowMs = useNow();
  if (baskets.length === 0) return null;
  return (
    <Tile title="In the basket now">
      <ul className="stack">
        {baskets.map((basket) => (
          <li key={basket.cartId + basket.since} className="stack tight">
            <BasketItems basket={{ items: basket.items, removed: [] }} nowMs={nowMs} />
            <div className="row apart small soft">
              <span>touched {ago(basket.lastActivity, nowMs)}</span>
              <span className="num">{money(basket.value, basket.currency)}</span>
            </div>
          </li>
        ))}
      </ul>
    </Tile>
  );
};

const Order = ({ order }: { order: PersonOrder }) => {
  const site = useSite();
  const { label, tone } = statuses[order.status];
  const isLess = order.net !== order.revenue;
  return (
    <li className="stack tight" style={{ gap: 2 }}>
      <div className="row apart">
        <span className="clip mono">{order.orderId}</span>
        <span className="num">
          {isLess && <del className="soft small">{money(order.revenue, order.currency)}</del>}{' '}
          {money(order.net, order.currency)}
        </span>
      </div>
      <div className="break">
        {order.items.map(({ name, productId, quantity }) => `${quantity} × ${name || productId}`).join(', ') ||
          'no items said'}
      </div>
      <div className="row wrap small soft">
        <Tag tone={tone}>{label}</Tag>
        <span>{dayAndTime(order.at, site.timeZone)}</span>
        {order.coupon !== '' && <span>code {order.coupon}</span>}
      </div>
    </li>
  );
};

export const Orders = ({ orders }: Pick<PersonProfile, 'orders'>) =>
  orders.length === 0 ? null : (
    <Tile title="Orders">
      <ul className="stack">
        {orders.map((order) => (
          <Order key={order.orderId} order={order} />
        ))}
      </ul>
    </Tile>
  );

/** Money and goods that went back, as the shop told it. */
export const Returns = ({ returns }: Pick<PersonProfile, 'returns'>) => {
  const site = useSite();
  if (returns.length === 0) return null;
  return (
    <Tile title="Went back" aside={<span className="small soft">{plural(returns.length, 'event')}</span>}>
      <ul className="stack tight">
        {returns.map(({ at, event, orderId, productId, reason, amount, currency }) => (
          <li key={at + event + orderId + productId}>
            <div className="row apart">
              <span>{event}</span>
              {amount !== null && <span className="num">{money(amount, currency)}</span>}
            </div>
            <div className="small soft break">
              {[orderId, productId, reason, dayAndTime(at, site.timeZone)].filter((part) => part !== '').join(' · ')}
            </div>
          </li>
        ))}
      </ul>
    </Tile>
  );
};
