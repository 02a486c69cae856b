import { expect, test } from 'vitest';
import { z } from 'zod';
import { type HistoryLink, type HistoryRow, sentRow, store } from '../../../test/support/history.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { persons } from './persons.ts';
import { personProfile } from './profile.ts';

const warehouse = sharedWarehouse();

const start = Date.parse('2026-10-01T00:00:00Z');
const minute = 60_000;
const now = start + 10 * 86_400_000;

/** Of minute, event, properties: what happened to ada, in order. `internal` is what we recorded ourselves. */
const happened: [number, string, object, ('internal' | 'server')?][] = [
  [0, 'Product Added', { product_id: 'tent', name: 'Tent', price: 120, quantity: 1, cart_id: 'c1', currency: 'EUR' }],
  [
    5,
    'Order Completed',
    {
      order_id: 'o1',
      revenue: '129.90',
      currency: 'EUR',
      coupon: 'TEN',
      products: [{ product_id: 'tent', name: 'Tent', price: 120, quantity: 1 }],
    },
  ],
  [6, 'Order Completed', { order_id: 'o1', revenue: '129.90', currency: 'EUR' }, 'server'],
  [
    10,
    'Order Completed',
    { order_id: 'o2', revenue: 40, currency: 'EUR', products: [{ sku: 'lamp', price: 20, quantity: 2 }] },
  ],
  [20, 'Order Completed', { order_id: 'o3', revenue: 9, currency: 'USD' }],
  [21, 'Order Completed', { order_id: 'o4', revenue: 7, currency: 'EUR' }],
  [30, 'Order Shipped', { order_id: 'o1' }, 'server'],
  [40, 'Order Delivered', { order_id: 'o1' }, 'server'],
  [41, 'Order Shipped', { order_id: 'o2' }, 'server'],
  [50, 'Order Refunded', { order_id: 'o2', products: [{ sku: 'lamp', quantity: 1 }] }, 'server'],
  [51, 'Order Cancelled', { order_id: 'o3', reason: 'too late' }, 'server'],
  [
    52,
    'Return Requested',
    { order_id: 'o1', product_id: 'tent', reason: 'too small', refund: '100.5', currency: 'EUR' },
  ],
  [60, 'Product Reviewed', { product_id: 'tent', rating: 4, review_body: 'Good', order_id: 'o1' }],
  [61, 'Seller Rated', { seller: 'Nordwind', rating: 2, scale_max: 5 }],
  [62, 'Survey Response Submitted', { survey_type: 'NPS', survey_id: 's1', score: 9, comment: 'Yes' }],
  [63, 'Survey Response Submitted', { survey_type: 'csat', score: '3', scale_max: '5', order_id: 'o1' }],
  [70, 'Support Contact Started', { ticket_id: 't1', channel: 'chat', subject: 'Where is it?' }],
  [72, 'Support Contact Answered', { ticket_id: 't1' }, 'server'],
  [75, 'Support Contact Ended', { ticket_id: 't1' }, 'server'],
  [80, 'Support Ticket Created', { ticket_id: 't2', channel: 'email', category: 'returns' }],
  [81, 'Support Ticket Solved', { ticket_id: 't2', first_response_seconds: 45 }, 'server'],
  [82, 'Support Ticket Reopened', { ticket_id: 't2' }],
  [83, 'Support Ticket Rated', { ticket_id: 't2', rating: 1 }],
  [84, 'Support Contact Started', { channel: 'chat' }],
  [90, 'Email Sent', { email_id: 'e1', email_subject: 'Still there?', campaign_name: 'Rescue' }, 'internal'],
  [91, 'Email Link Clicked', { email_id: 'e1' }, 'internal'],
  [92, 'Email Sent', { email_id: 'e2', email_subject: 'Again', campaign_name: 'Rescue' }, 'internal'],
  [93, 'Unsubscribed', { email_id: 'e2' }, 'internal'],
  [95, 'Product Added', { product_id: 'mug', name: 'Mug', price: '8.50', quantity: 2, cart_id: 'c2', currency: 'EUR' }],
];
const traits: [number, object][] = [
  [1, { email: 'ada@example.com', firstName: 'Ada', plan: 'tin' }],
  [54, { plan: 'gold', size: null }],
];

/** The same life: on one account, or spread over devices that were joined later; some messages stand twice in the table. */
const lifeOn = (devices: readonly string[]): { rows: HistoryRow[]; links: HistoryLink[] } => {
  const idsOf = (index: number, isKnown: boolean) => {
    const device = devices[index % Math.max(1, devices.length)];
    return device === undefined || isKnown ? { userId: 'ada' } : { anonymousId: device };
  };
  const tracks = happened.map(([at, event, properties, channel], index) =>
    sentRow(
      start + at * minute,
      `m${index}`,
      { type: 'track', event, properties, ...idsOf(index, channel !== undefined) },
      channel,
    ),
  );
  const calls = traits.map(([at, said], index) =>
    sentRow(start + at * minute, `i${index}`, { type: 'identify', traits: said, userId: 'ada' }),
  );
  const rows = [...tracks, ...calls];
  return {
    rows: [...rows, ...rows.filter((_, index) => index % 3 === 0)],
    links: devices.map((device) => ({ device, user: 'ada', at: start + 99 * minute, messageId: 'i1' })),
  };
};

const profileIn = async (site: string, devices: readonly string[]) => {
  const { rows, links } = lifeOn(devices);
  await store(warehouse(), site, rows, links);
  const found = await persons(warehouse(), { id: site }, { search: 'ada', limit: 9 }, { now });
  expect(found.persons).toHaveLength(1);
  return personProfile(warehouse(), { id: site, currency: 'EUR' }, { id: found.persons[0]?.id ?? '' }, { now });
};

test('a profile shows a customer whole', async () => {
  const profile = await profileIn('whole', []);
  expect(profile).toMatchObject({
    name: 'Ada',
    email: 'ada@example.com',
    events: happened.length + traits.length,
    firstSeen: '2026-10-01T00:00:00.000Z',
    lastSeen: '2026-10-01T01:35:00.000Z',
    identities: [{ kind: 'user', id: 'ada', joinedBy: null }],
    traits: { email: 'ada@example.com', firstName: 'Ada', plan: 'gold', size: null },
    value: [
      { currency: 'EUR', orders: 3, revenue: '176.90', refunded: '20.00', net: '156.90', averageOrderValue: '52.30' },
      { currency: 'USD', orders: 0, cancelledOrders: 1, revenue: '0.00', net: '0.00', averageOrderValue: null },
    ],
    orders: [
      { orderId: 'o4', status: 'placed' },
      { orderId: 'o3', status: 'cancelled', net: '0.00' },
      { orderId: 'o2', status: 'partlyRefunded', refunded: '20.00', items: [{ productId: 'lamp', quantity: 2 }] },
      {
        orderId: 'o1',
        status: 'delivered',
        coupon: 'TEN',
        items: [{ productId: 'tent', name: 'Tent', price: '120.00' }],
        deliveredAt: '2026-10-01T00:40:00.000Z',
      },
    ],
    returns: [
      { event: 'Return Requested', orderId: 'o1', productId: 'tent', reason: 'too small', amount: '100.50' },
      { event: 'Order Cancelled', orderId: 'o3', reason: 'too late', amount: null },
      { event: 'Order Refunded', orderId: 'o2', amount: null },
    ],
    baskets: [{ cartId: 'c2', value: '17.00', items: [{ productId: 'mug', quantity: 2 }] }],
    reviews: [
      { event: 'Seller Rated', seller: 'Nordwind', rating: 2, scaleMax: 5 },
      { event: 'Product Reviewed', productId: 'tent', rating: 4, comment: 'Good', orderId: 'o1' },
    ],
    satisfaction: [
      { surveyType: 'csat', score: 3, scaleMax: 5, orderId: 'o1' },
      { surveyType: 'nps', surveyId: 's1', score: 9, comment: 'Yes' },
    ],
    support: {
      channels: [
        { channel: 'chat', contacts: 2, open: 1, resolved: 1, abandoned: 0, averageFirstResponseSeconds: 120 },
        { channel: 'email', contacts: 1, open: 1, resolved: 0, averageFirstResponseSeconds: 45 },
      ],
      contacts: [
        { channel: 'chat', status: 'open', firstResponseSeconds: null },
        { id: 't2', channel: 'email', category: 'returns', status: 'open', reopened: 1, rating: 1, resolvedAt: null },
        { id: 't1', subject: 'Where is it?', status: 'resolved', resolvedAt: '2026-10-01T01:15:00.000Z' },
      ],
    },
    mails: {
      sent: 2,
      opened: 1,
      clicked: 1,
      list: [
        { id: 'e2', subject: 'Again', unsubscribedAt: '2026-10-01T01:33:00.000Z', openedAt: null },
        { id: 'e1', subject: 'Still there?', campaign: 'Rescue', clickedAt: '2026-10-01T01:31:00.000Z' },
      ],
    },
  });
});

test('a life spread over devices that were joined later is the same life', async () => {
  const { id: _one, identities: _account, ...onOne } = await profileIn('one', []);
  const { id: _many, identities, ...onMany } = await profileIn('many', ['phone', 'laptop', 'tablet']);
  expect(onMany).toEqual(onOne);
  expect(identities.map(({ kind, id, joinedBy }) => [kind, id, joinedBy?.event, joinedBy?.messageId])).toEqual([
    ['user', 'ada', undefined, undefined],
    ['device', 'phone', 'Identify', 'i1'],
    ['device', 'laptop', 'Identify', 'i1'],
    ['device', 'tablet', 'Identify', 'i1'],
  ]);
});

test('what the back office tells of an order by its id alone becomes of it in the profile of who bought it', async () => {
  const told = (minutes: number, event: string, properties: object, who: object) =>
    sentRow(start + minutes * minute, `b${minutes}`, { type: 'track', event, properties, ...who }, 'server');
  const [bob, office] = [{ userId: 'bob' }, { anonymousId: 'back-office' }];
  await store(warehouse(), 'office', [
    told(1, 'Order Completed', { order_id: 'o1', revenue: 50, currency: 'EUR' }, bob),
    told(2, 'Order Completed', { order_id: 'o2', revenue: 30, currency: 'EUR' }, bob),
    told(3, 'Order Refunded', { order_id: 'o1', revenue: 20, reason: 'late' }, office),
    told(4, 'Order Cancelled', { order_id: 'o2' }, office),
    told(5, 'Return Requested', { product_id: 'tent' }, bob),
    told(6, 'Order Completed', { order_id: 'o3', revenue: 70, currency: 'EUR' }, { userId: 'eve' }),
    told(7, 'Order Refunded', { order_id: 'o3' }, office),
    told(8, 'Order Completed', { order_id: 'o1', revenue: 50, currency: 'EUR' }, office),
  ]);
  const { persons: found } = await persons(warehouse(), { id: 'office' }, { search: '', limit: 9 }, { now });
  const profileOf = (user: string) => {
    const id = found.find(({ userId }) => userId === user)?.id ?? '';
    return personProfile(warehouse(), { id: 'office', currency: 'EUR' }, { id }, { now });
  };
  expect(await profileOf('bob')).toMatchObject({
    value: [{ orders: 1, cancelledOrders: 1, revenue: '50.00', refunded: '20.00', net: '30.00' }],
    orders: [
      { orderId: 'o2', status: 'cancelled' },
      { orderId: 'o1', status: 'partlyRefunded', net: '30.00' },
    ],
    returns: [
      { event: 'Return Requested', productId: 'tent' },
      { event: 'Order Cancelled', orderId: 'o2' },
      { event: 'Order Refunded', orderId: 'o1', amount: '20.00', reason: 'late' },
    ],
  });
  expect(await profileOf(''), 'who only tells of an order has not bought it').toMatchObject({ orders: [], value: [] });
});

test('who never signed in has a profile of one device, and who was only written to was seen when we wrote', async () => {
  const at = start + minute;
  await store(warehouse(), 'few', [
    sentRow(at, 'm1', {
      type: 'track',
      event: 'Product Viewed',
      properties: { product_id: 'tent' },
      anonymousId: 'phone',
    }),
    sentRow(at, 'm2', { type: 'track', event: 'Email Sent', properties: {}, userId: 'bob' }, 'internal'),
  ]);
  const { rows } = await warehouse().query(
    sql`SELECT toString(sipHash64('few', 'anonymous', 'phone')) AS phone, toString(sipHash64('few', 'user', 'bob')) AS bob`,
    z.object({ phone: z.string(), bob: z.string() }),
  );
  const profileOf = (id = '') => personProfile(warehouse(), { id: 'few', currency: 'EUR' }, { id }, { now });
  expect(await profileOf(rows[0]?.phone)).toMatchObject({
    userId: '',
    identities: [{ kind: 'device', id: 'phone', joinedBy: null }],
    orders: [],
    value: [],
    mails: { sent: 0, list: [] },
  });
  expect(await profileOf(rows[0]?.bob)).toMatchObject({ userId: 'bob', lastSeen: '2026-10-01T00:01:00.000Z' });
  const { persons: listed } = await persons(warehouse(), { id: 'few' }, { search: '', limit: 9 }, { now });
  expect(
    listed.map(({ userId }) => userId),
    'who did nothing is not listed as seen',
  ).toEqual(['']);
});
