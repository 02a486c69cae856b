/** Results of an automation by brute force, written from docs/results.md alone; no code of the product is used. */
export type OracleDecision = { user: string; at: number; kind: 'claimed' | 'holdout' | 'other' };
export type OracleOrder = {
  user: string;
  at: number;
  /** Empty: the shop gave it none. */
  orderId: string;
  currency: string;
  /** Null: this message does not say. */
  cents: number | null;
  /** What the message tells of the order. A refund of `cents`, or of the whole where it does not say. */
  tells: 'completed' | 'refunded' | 'cancelled';
};

type Group = { persons: number; converted: number; orders: number; cents: Map<string, number>; own: number[] };

type Order = { at: number; currency: string; cents: number };

/** One person's orders: when first told, and what is left of what was said last. */
const ordersOf = (own: readonly OracleOrder[], currency: string): Order[] => {
  const completed = own.filter(({ tells }) => tells === 'completed');
  const nameless = completed
    .filter(({ orderId }) => orderId === '')
    .map((one) => ({ at: one.at, currency: one.currency || currency, cents: one.cents ?? 0 }));
  const named = [...new Set(completed.map(({ orderId }) => orderId))].filter((orderId) => orderId !== '');
  return [
    ...nameless,
    ...named.flatMap((orderId): Order[] => {
      const all = own.filter((one) => one.orderId === orderId).sort((a, b) => a.at - b.at);
      if (all.some(({ tells }) => tells === 'cancelled')) return [];
      const told = all.filter(({ tells }) => tells === 'completed');
      const revenue = told.findLast(({ cents }) => cents !== null)?.cents ?? 0;
      const said = told.findLast((one) => one.currency !== '')?.currency ?? currency;
      const refunds = all.filter(({ tells }) => tells === 'refunded');
      const back = refunds.some(({ cents }) => cents === null)
        ? revenue
        : refunds.reduce((sum, { cents }) => sum + (cents ?? 0), 0);
      return [{ at: told[0]?.at ?? 0, currency: said, cents: Math.max(0, revenue - back) }];
    }),
  ];
};

export const oracleResults = (
  decisions: readonly OracleDecision[],
  orders: readonly OracleOrder[],
  ask: { from: number; to: number; attributionMs: number; currency: string; now: number },
) => {
  const empty = (): Group => ({ persons: 0, converted: 0, orders: 0, cents: new Map(), own: [] });
  const groups = { treated: empty(), holdout: empty() };
  let maturing = 0;
  for (const user of new Set(decisions.map((decision) => decision.user))) {
    const first = decisions
      .filter((decision) => decision.user === user && decision.kind !== 'other')
      .sort((a, b) => a.at - b.at)[0];
    if (first === undefined || first.at < ask.from || first.at >= ask.to) continue;
    const group = first.kind === 'holdout' ? groups.holdout : groups.treated;
    const own = orders.filter((order) => order.user === user);
    const inTime = ordersOf(own, ask.currency).filter(
      (order) => order.at >= first.at && order.at - first.at <= ask.attributionMs,
    );
    group.persons += 1;
    if (inTime.length > 0) group.converted += 1;
    group.orders += inTime.length;
    let inOwn = 0;
    for (const order of inTime) {
      group.cents.set(order.currency, (group.cents.get(order.currency) ?? 0) + order.cents);
      if (order.currency === ask.currency) inOwn += order.cents;
    }
    group.own.push(inOwn);
    if (first.at + ask.attributionMs > ask.now) maturing += 1;
  }
  return { ...groups, maturing };
};
