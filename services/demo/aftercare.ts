import { currency } from './catalogue.ts';
import type { Source } from './people.ts';
import { createSession, euros, type Message, productProperties, type Setting, type Step } from './session.ts';
import type { Order } from './visit.ts';

/** Something that happens later: `act` gives its events when the time has come. */
export type Task = { at: number; act(): Step[] };

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const reviewMail: Source = { source: 'shop', medium: 'email', name: 'how-was-it', referrer: '' };

/** What the shop's own server reports: nobody's browser is part of it. */
const serverStep = (
  setting: Setting,
  order: Order,
  at: number,
  event: string,
  properties: Record<string, unknown>,
  facts: Step['facts'] = [],
): Step => {
  const message: Message = {
    type: 'track',
    event,
    messageId: setting.messageId(),
    timestamp: new Date(at).toISOString(),
    userId: order.shopper.userId,
    properties: { order_id: order.orderId, ...properties },
    context: { library: { name: 'shop-server', version: '1.0.0' } },
  };
  return { at, message, facts };
};

/** What follows an order: parcel, stars, survey, return, a call for help. Decided at once, done in its time. */
export const aftercare = (setting: Setting, order: Order): Task[] => {
  const { random } = setting;
  const shippedAt = order.at + random.between(6, 30) * hour;
  const isLate = random.chance(0.09);
  const deliveredAt = shippedAt + random.between(22, 60) * hour + (isLate ? random.between(3, 6) * day : 0);
  // People forgive little: a late parcel costs two stars.
  const mood = isLate ? -2 : 0;
  const tasks: Task[] = [
    delivery(setting, order, { shippedAt, deliveredAt, isLate }),
    ...(random.chance(0.27) ? [ratings(setting, order, deliveredAt + random.between(5, 120) * hour, mood)] : []),
    ...(random.chance(0.07) ? [returned(setting, order, deliveredAt + random.between(1, 9) * day)] : []),
    ...(random.chance(isLate ? 0.5 : 0.05)
      ? support(setting, order, isLate ? deliveredAt - 36 * hour : deliveredAt + random.between(1, 5) * day, isLate)
      : []),
  ];
  return tasks;
};

type Parcel = { shippedAt: number; deliveredAt: number; isLate: boolean };

const delivery = (setting: Setting, order: Order, { shippedAt, deliveredAt, isLate }: Parcel): Task => ({
  at: shippedAt,
  act: () => {
    const carrier = setting.random.pick(['DHL', 'DPD', 'Hermes']);
    const promised_at = new Date(shippedAt + 3 * day).toISOString();
    const steps = [serverStep(setting, order, shippedAt, 'Order Shipped', { carrier, promised_at })];
    if (isLate)
      steps.push(
        serverStep(setting, order, shippedAt + 3 * day, 'Delivery Delayed', {
          carrier,
          promised_at,
          expected_at: new Date(deliveredAt).toISOString(),
          delay_seconds: Math.round((deliveredAt - shippedAt - 3 * day) / 1000),
        }),
      );
    steps.push(serverStep(setting, order, deliveredAt, 'Order Delivered', { carrier, promised_at }));
    return steps;
  },
});

const star = (setting: Setting, mood: number): number =>
  Math.max(
    1,
    setting.random.weighted([
      [5, 48],
      [4, 30],
      [3, 12],
      [2, 5],
      [1, 5],
    ] as const) + mood,
  );

/** Follows the link in the shop's mail: stars for a product and its seller, then how likely a recommendation is. */
export const ratings = (setting: Setting, order: Order, at: number, mood = 0): Task => ({
  at,
  act: () => {
    const { random } = setting;
    const line = random.pick(order.lines);
    const deviceIndex = random.between(0, order.shopper.devices.length - 1);
    const startAt = Math.max(at, order.shopper.busyUntil + minute);
    const session = createSession(setting, { shopper: order.shopper, deviceIndex, startAt, source: reviewMail });
    session.page('/demo/rate', 'How was it?');
    if (!session.isSignedIn()) session.signIn();
    session.think(14);
    session.track('Product Reviewed', {
      order_id: order.orderId,
      ...productProperties(setting, line.product, order.at),
      rating: star(setting, mood),
    });
    session.think(9);
    session.track('Seller Rated', {
      order_id: order.orderId,
      seller: line.product.seller,
      rating: star(setting, mood),
    });
    if (random.chance(0.8)) {
      session.think(11);
      session.track('Survey Response Submitted', {
        survey_id: 'nps-after-order',
        survey_type: 'nps',
        scale_max: 10,
        score: Math.max(
          0,
          random.weighted([
            [10, 26],
            [9, 22],
            [8, 22],
            [7, 12],
            [6, 7],
            [4, 6],
            [2, 5],
          ] as const) +
            2 * mood,
        ),
        order_id: order.orderId,
      });
    }
    order.shopper.busyUntil = session.now();
    return session.steps;
  },
});

const returned = (setting: Setting, order: Order, at: number): Task => ({
  at,
  act: () => {
    const { random } = setting;
    const line = random.pick(order.lines);
    // Never more than was paid: a discount was on the whole order.
    const cents = Math.min(line.cents * line.quantity, order.revenueCents);
    const product = { ...productProperties(setting, line.product, order.at), quantity: line.quantity };
    const reason = random.pick(['does not fit', 'not as pictured', 'changed my mind', 'arrived damaged']);
    const receivedAt = at + random.between(2, 6) * day;
    return [
      serverStep(setting, order, at, 'Return Requested', { ...product, reason }),
      serverStep(setting, order, receivedAt, 'Return Received', { ...product, reason }),
      serverStep(
        setting,
        order,
        receivedAt + random.between(2, 30) * hour,
        'Order Refunded',
        { total: euros(cents), currency, products: [product] },
        [{ kind: 'refund', orderId: order.orderId, cents }],
      ),
    ];
  },
});

const support = (setting: Setting, order: Order, at: number, isLate: boolean): Task[] => [
  {
    at,
    act: () => {
      const { random } = setting;
      const channel = random.weighted([
        ['email', 38],
        ['chat', 30],
        ['phone', 22],
        ['form', 10],
      ] as const);
      const ticket_id = `ticket-${random.hex(8)}`;
      const category = isLate ? 'delivery' : random.pick(['product', 'return', 'invoice', 'other']);
      const waitSeconds = Math.round(random.skewed({ email: 9000, form: 11_000, chat: 45, phone: 80 }[channel], 0.8));
      const solvedAt = at + waitSeconds * 1000 + Math.round(random.skewed(2.5, 0.9) * hour);
      const steps = [
        serverStep(setting, order, at, 'Support Ticket Created', { ticket_id, channel, category, priority: 'normal' }),
        serverStep(setting, order, solvedAt, 'Support Ticket Solved', {
          ticket_id,
          channel,
          category,
          contacts: random.chance(0.76) ? 1 : random.between(2, 4),
          first_response_seconds: waitSeconds,
          resolution_seconds: Math.round((solvedAt - at) / 1000),
        }),
      ];
      if (random.chance(0.4))
        steps.push(
          serverStep(setting, order, solvedAt + random.between(1, 20) * hour, 'Support Ticket Rated', {
            ticket_id,
            channel,
            rating: star(setting, isLate ? -1 : 0),
            scale_max: 5,
          }),
        );
      return steps;
    },
  },
];
