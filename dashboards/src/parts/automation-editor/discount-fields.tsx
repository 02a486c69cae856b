import { NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import type { listPools } from '../../../../schemas/api/discounts.ts';
import type { Discount, Step } from '../../../../schemas/automation.ts';
import { useAnswer } from '../../ask.ts';
import { count } from '../../format.ts';
import { useSite } from '../../session.ts';
import { type FaultOf, SecondsInput } from './fields.tsx';

type MailStep = Extract<Step, { kind: 'email' }>;
type Terms = Pick<Discount, 'validSeconds' | 'minimumOrder' | 'pool'>;

const kinds = [
  { value: 'percent', label: 'a percentage off' },
  { value: 'amount', label: 'an amount off' },
  { value: 'free-shipping', label: 'free shipping' },
] as const;

const usualPercent = 10;

/** As text with a point: what the schema takes, whatever is typed. */
const decimal = (value: string | number): string => String(value).trim();

const MoneyInput = ({
  label,
  amount,
  currency,
  change,
  faults,
  isCurrencyFixed = false,
}: {
  label: string;
  amount: string;
  currency: string;
  change: (amount: string, currency: string) => void;
  faults: { amount: string | undefined; currency: string | undefined };
  isCurrencyFixed?: boolean;
}) => (
  <div className="row money-input">
    <NumberInput
      label={label}
      min={0}
      decimalScale={2}
      value={amount}
      error={faults.amount}
      onChange={(value) => change(decimal(value), currency)}
    />
    <TextInput
      label="Currency"
      maxLength={3}
      disabled={isCurrencyFixed}
      value={currency}
      error={faults.currency}
      onChange={({ currentTarget }) => change(amount, currentTarget.value.toUpperCase())}
    />
  </div>
);

const Benefit = ({
  discount,
  change,
  faultOf,
}: {
  discount: Discount;
  change: (discount: Discount) => void;
  faultOf: FaultOf;
}) => {
  if (discount.kind === 'percent')
    return (
      <NumberInput
        label="Discount"
        suffix="%"
        min={1}
        max={100}
        allowDecimal={false}
        value={discount.percent}
        error={faultOf('discount.percent')}
        onChange={(percent) => {
          if (typeof percent === 'number') change({ ...discount, percent });
        }}
      />
    );
  if (discount.kind === 'free-shipping') return null;
  const { minimumOrder } = discount;
  return (
    <MoneyInput
      label="Amount off"
      amount={discount.amount}
      currency={discount.currency}
      faults={{ amount: faultOf('discount.amount'), currency: faultOf('discount.currency') }}
      change={(amount, currency) =>
        change({
          ...discount,
          amount,
          currency,
          ...(minimumOrder === undefined ? {} : { minimumOrder: { ...minimumOrder, currency } }),
        })
      }
    />
  );
};

/** Where codes come from: made by us, or one of the site's pools. */
const PoolSelect = ({
  pool,
  change,
  fault,
}: {
  pool: string | undefined;
  change: (pool: string | undefined) => void;
  fault: string | undefined;
}) => {
  const site = useSite();
  const { data } = useAnswer<typeof listPools>(
    { method: 'GET', path: '/api/sites/:site/discount-pools' },
    { params: { site: site.id } },
  );
  const pools = data?.pools ?? [];
  const isGone = pool !== undefined && data !== undefined && pools.every(({ id }) => id !== pool);
  return (
    <NativeSelect
      label="Codes come from"
      value={pool ?? ''}
      error={fault}
      data={[
        { value: '', label: 'Desirepath: made for each mail' },
        ...pools.map(({ id, name, left }) => ({ value: id, label: `Pool “${name}”: ${count(left)} left` })),
        ...(isGone || (pool !== undefined && data === undefined)
          ? [{ value: pool, label: isGone ? 'a pool that is gone' : '…' }]
          : []),
      ]}
      onChange={({ currentTarget }) => change(currentTarget.value === '' ? undefined : currentTarget.value)}
    />
  );
};

/** What the code of a mail is good for, for how long, and where it comes from. */
export const DiscountFields = ({
  step,
  change,
  faultOf,
}: {
  step: MailStep;
  change: (step: MailStep) => void;
  faultOf: FaultOf;
}) => {
  const site = useSite();
  const { discount, ...rest } = step;
  const set = (next: Discount): void => change({ ...rest, discount: next });
  const turn = (kind: Discount['kind'], terms: Terms): void => {
    if (kind === 'percent') set({ ...terms, kind, percent: usualPercent });
    else if (kind === 'amount')
      set({ ...terms, kind, amount: '5', currency: terms.minimumOrder?.currency ?? site.currency });
    else set({ ...terms, kind });
  };
  const usual: Discount = { kind: 'percent', percent: usualPercent, validSeconds: 7 * 86_400 };
  if (discount === undefined) return <DiscountSwitch isOn={false} turn={() => set(usual)} />;
  const { validSeconds, minimumOrder, pool } = discount;
  const terms: Terms = {
    validSeconds,
    ...(minimumOrder === undefined ? {} : { minimumOrder }),
    ...(pool === undefined ? {} : { pool }),
  };
  const without = (name: 'minimumOrder' | 'pool'): Discount => {
    const { [name]: _left, ...kept } = discount;
    return kept as Discount;
  };
  return (
    <>
      <DiscountSwitch isOn turn={() => change(rest)} />
      <div className="editor-fields">
        <NativeSelect
          label="The code is good for"
          data={kinds.map(({ value, label }) => ({ value, label }))}
          value={discount.kind}
          onChange={({ currentTarget }) => {
            const kind = kinds.find(({ value }) => value === currentTarget.value)?.value;
            if (kind !== undefined) turn(kind, terms);
          }}
        />
        <Benefit discount={discount} change={set} faultOf={faultOf} />
        <SecondsInput
          label="For so long"
          seconds={validSeconds}
          least={60}
          fault={faultOf('discount.validSeconds')}
          change={(seconds) => set({ ...discount, validSeconds: seconds })}
        />
        <PoolSelect
          pool={pool}
          fault={faultOf('discount.pool')}
          change={(next) => set(next === undefined ? without('pool') : { ...discount, pool: next })}
        />
      </div>
      <Switch
        label="Only for orders of a certain worth (your shop checks it)"
        checked={minimumOrder !== undefined}
        onChange={({ currentTarget }) => {
          const currency = discount.kind === 'amount' ? discount.currency : site.currency;
          set(
            currentTarget.checked ? { ...discount, minimumOrder: { amount: '50', currency } } : without('minimumOrder'),
          );
        }}
      />
      {minimumOrder !== undefined && (
        <div className="editor-fields">
          <MoneyInput
            label="At least"
            amount={minimumOrder.amount}
            currency={minimumOrder.currency}
            isCurrencyFixed={discount.kind === 'amount'}
            faults={{
              amount: faultOf('discount.minimumOrder.amount'),
              currency: faultOf('discount.minimumOrder.currency'),
            }}
            change={(amount, currency) => set({ ...discount, minimumOrder: { amount, currency } })}
          />
        </div>
      )}
    </>
  );
};

const DiscountSwitch = ({ isOn, turn }: { isOn: boolean; turn: () => void }) => (
  <Switch mt={6} label="With a discount: a personal code that works once" checked={isOn} onChange={turn} />
);
