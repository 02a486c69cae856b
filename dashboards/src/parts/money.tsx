import type { Money } from '../../../schemas/primitives.ts';
import { money } from '../format.ts';
import { useSite } from '../session.ts';

/** Sums by currency: the site's own first and large, others beside it; they are never added up. */
export const Sums = ({ sums, whole = false }: { sums: readonly Money[]; whole?: boolean }) => {
  const { currency } = useSite();
  const sorted = sums.toSorted((one, other) => Number(other.currency === currency) - Number(one.currency === currency));
  const [first, ...others] = sorted.length === 0 ? [{ currency, amount: '0' }] : sorted;
  const shown = (sum: Money) =>
    whole
      ? money(sum.amount.replace(/\..*/, ''), sum.currency).replace(/[.,]00$/, '')
      : money(sum.amount, sum.currency);
  return (
    <span className="num">
      {first !== undefined && shown(first)}
      {others.length > 0 && <span className="small soft"> + {others.map(shown).join(' + ')}</span>}
    </span>
  );
};
