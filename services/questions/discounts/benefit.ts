import { z } from 'zod';
import type { Benefit } from '../../../schemas/api/discounts.ts';
import type { Discount } from '../../../schemas/automation.ts';
import { fromUnits, toUnits } from '../money.ts';

/** What a code of this discount is good for. */
export const benefitOf = (discount: Discount): Benefit => ({
  kind: discount.kind,
  percent: discount.kind === 'percent' ? discount.percent : null,
  amount: discount.kind === 'amount' ? { amount: discount.amount, currency: discount.currency } : null,
  minimumOrder: discount.minimumOrder ?? null,
});

/** In the columns of the table `discounts`. */
export const benefitColumns = ['benefit', 'percent', 'amount', 'currency', 'minimum'] as const;
export const benefitValues = ({ kind, percent, amount, minimumOrder }: Benefit): readonly unknown[] => [
  kind,
  percent ?? 0,
  amount?.amount ?? '0',
  (amount ?? minimumOrder)?.currency ?? '',
  minimumOrder?.amount ?? '0',
];

/** Those columns as the warehouse answers them, decimals as text. */
export const BenefitRow = z.object({
  benefit: z.enum(['percent', 'amount', 'free-shipping']),
  percent: z.number(),
  amount: z.string(),
  currency: z.string(),
  minimum: z.string(),
});
export const benefitFrom = ({ benefit, percent, amount, currency, minimum }: z.infer<typeof BenefitRow>): Benefit => ({
  kind: benefit,
  percent: benefit === 'percent' ? percent : null,
  amount: benefit === 'amount' ? { amount: fromUnits(toUnits(amount)), currency } : null,
  minimumOrder: toUnits(minimum) === 0n ? null : { amount: fromUnits(toUnits(minimum)), currency },
});

/** Whether one is worth as much as the other or more, whatever is ordered. Of what cannot be compared, e.g. free shipping and a percentage, neither is. */
export const isAtLeastAsGood = (one: Benefit, other: Benefit): boolean => {
  const isEasier =
    one.minimumOrder === null ||
    (one.minimumOrder.currency === other.minimumOrder?.currency &&
      toUnits(one.minimumOrder.amount) <= toUnits(other.minimumOrder.amount));
  if (!isEasier || one.kind !== other.kind) return false;
  const isMore =
    one.amount === null ||
    (one.amount.currency === other.amount?.currency && toUnits(one.amount.amount) >= toUnits(other.amount.amount));
  return isMore && (one.percent ?? 0) >= (other.percent ?? 0);
};
