/** Results of an automation by brute force, written from docs/results.md alone; no code of the product is used. */
export type OracleDecision = { user: string; at: number; kind: 'claimed' | 'holdout' | 'other' };
export type OracleOrder = { user: string; at: number; orderId: string; currency: string; cents: number };

type Group = { persons: number; converted: number; orders: number; cents: Map<string, number>; own: number[] };

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
    const earliest = [...new Set(own.map(({ orderId }) => orderId))].map(
      (orderId) => own.filter((order) => order.orderId === orderId).sort((a, b) => a.at - b.at)[0],
    );
    const inTime = earliest.filter(
      (order) => order !== undefined && order.at >= first.at && order.at - first.at <= ask.attributionMs,
    );
    group.persons += 1;
    if (inTime.length > 0) group.converted += 1;
    group.orders += inTime.length;
    let inOwn = 0;
    for (const order of inTime) {
      if (order === undefined) continue;
      group.cents.set(order.currency, (group.cents.get(order.currency) ?? 0) + order.cents);
      if (order.currency === ask.currency) inOwn += order.cents;
    }
    group.own.push(inOwn);
    if (first.at + ask.attributionMs > ask.now) maturing += 1;
  }
  return { ...groups, maturing };
};
