/** The discount report by brute force, written from docs/discounts.md: one code after the other. Money is in ten-thousandths. */

export type IssuedCode = {
  code: string;
  at: number;
  expiresAt: number;
  automation: string;
  kind: 'percent' | 'amount' | 'free-shipping';
  percent: number;
  amount: number;
};
export type Redemption = { code: string; at: number; orderId: string };
export type OrderEvent = {
  name: 'Order Completed' | 'Order Cancelled';
  at: number;
  orderId: string;
  coupon: string;
  revenue: number;
  discount: number | null;
  currency: string;
};

type Figures = {
  issued: number;
  redeemed: number;
  expired: number;
  givenUnknown: number;
  revenue: Record<string, number>;
  given: Record<string, number>;
};

const add = (sums: Record<string, number>, currency: string, amount: number): void => {
  if (amount !== 0) sums[currency] = (sums[currency] ?? 0) + amount;
};

const firstBy = <T>(list: readonly T[], key: (item: T) => readonly [number, string]): T | undefined =>
  list.toSorted((one, other) => {
    const [[a, x], [b, y]] = [key(one), key(other)];
    return a - b || (x < y ? -1 : x > y ? 1 : 0);
  })[0];

/** One order is told once here: by one Order Completed, and perhaps cancelled. */
export const discountFigures = (
  {
    codes,
    redemptions,
    orders,
  }: { codes: readonly IssuedCode[]; redemptions: readonly Redemption[]; orders: readonly OrderEvent[] },
  { from, to, now }: { from: number; to: number; now: number },
): Figures => {
  const figures: Figures = { issued: 0, redeemed: 0, expired: 0, givenUnknown: 0, revenue: {}, given: {} };
  const completed = orders.filter(({ name, at }) => name === 'Order Completed' && at >= from);
  for (const code of codes) {
    if (code.at < from || code.at >= to) continue;
    figures.issued += 1;
    const first = <T extends Redemption | OrderEvent>(uses: readonly T[]) =>
      firstBy(uses, ({ at, orderId }) => [at, orderId]);
    const use =
      first(redemptions.filter((each) => each.code === code.code)) ??
      first(completed.filter(({ coupon }) => coupon.toUpperCase() === code.code));
    if (use === undefined) {
      if (code.expiresAt < now) figures.expired += 1;
      continue;
    }
    figures.redeemed += 1;
    const order = completed.find(({ orderId }) => orderId === use.orderId);
    const isCancelled = orders.some(({ name, orderId }) => name === 'Order Cancelled' && orderId === use.orderId);
    if (order !== undefined && isCancelled) continue;
    if (order !== undefined) add(figures.revenue, order.currency, order.revenue);
    if (order !== undefined && order.discount !== null) add(figures.given, order.currency, order.discount);
    else if (code.kind === 'amount') add(figures.given, 'EUR', code.amount);
    else if (code.kind === 'percent' && code.percent < 100 && order !== undefined) {
      const cents = Math.round(((order.revenue / 100) * code.percent) / (100 - code.percent));
      add(figures.given, order.currency, cents * 100);
    } else figures.givenUnknown += 1;
  }
  return figures;
};
