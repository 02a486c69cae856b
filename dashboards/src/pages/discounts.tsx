import type { ReactNode } from 'react';
import type { listAutomations } from '../../../schemas/api/automations.ts';
import type { Benefit, DiscountFigures, DiscountReport, getDiscountReport } from '../../../schemas/api/discounts.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { count, dayAndTime, duration, money, percent, plural } from '../format.ts';
import { Figure } from '../parts/figure.tsx';
import { Sums } from '../parts/money.tsx';
import { Pools } from '../parts/pools.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { Shown, State } from '../parts/states.tsx';
import { TableBox } from '../parts/table-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { PageHead, Tag, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import type { Raw } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const read = (raw: Raw) => readRange(raw, '90d');

/** What was given away by codes and what it brought; and the pools that codes are taken from. */
export const DiscountsPage = () => {
  const site = useSite();
  const [range, setRange] = useUrlState(read);
  const { from, to } = instantsOf(range, site, useNow(60_000));
  const answer = useAnswer<typeof getDiscountReport>(
    { method: 'GET', path: '/api/sites/:site/reports/discounts' },
    { params: { site: site.id }, query: { from, to } },
  );
  return (
    <div className="page">
      <PageHead title="Discounts">
        <RangePicker value={range} timeZone={site.timeZone} onChange={setRange} />
      </PageHead>
      <Totals answer={answer} />
      <ByAutomation answer={answer} />
      <ByBenefit answer={answer} />
      <Pools />
      <Redemptions answer={answer} />
    </div>
  );
};

const Totals = ({ answer }: { answer: Answer<DiscountReport> }) => (
  <div className="figures">
    <Figure
      name="Codes issued"
      answer={answer}
      value={({ total }) => count(total.issued)}
      under={({ total }) => `${count(total.open)} still good, ${count(total.expired)} expired unused`}
    />
    <Figure
      name="Redeemed"
      answer={answer}
      value={({ total }) => count(total.redeemed)}
      under={({ total }) =>
        total.redeemed === 0
          ? 'none so far'
          : `${percent(total.rate)} of them, half within ${duration(total.medianSeconds)}`
      }
    />
    <Figure
      name="Revenue with them"
      answer={answer}
      value={({ total }) => <Sums sums={total.revenue} whole />}
      under={() => 'less refunds and cancelled orders'}
    />
    <Figure
      name="Given away"
      answer={answer}
      value={({ total }) => <Sums sums={total.given} whole />}
      under={({ total }) =>
        total.givenUnknown === 0 ? 'off these orders' : `and ${plural(total.givenUnknown, 'code')} of unknown worth`
      }
    />
  </div>
);

const tileHeight = 160;

const noneIssued = ({ total }: DiscountReport) =>
  total.issued > 0 ? null : (
    <State title="No codes were issued in this time" minHeight={tileHeight}>
      A mail of an automation carries a code when its step has a discount.
    </State>
  );

type Row = DiscountFigures & { key: string; name: ReactNode };

/** The same figures for each of several kinds of codes. */
const FiguresTile = ({
  title,
  kind,
  answer,
  rows,
}: {
  title: string;
  kind: string;
  answer: Answer<DiscountReport>;
  rows: (report: DiscountReport) => readonly Row[];
}) => (
  <Tile flush title={title}>
    <Shown answer={answer} height={tileHeight} empty={noneIssued}>
      {(report) => (
        <TableBox label={title}>
          <table className="table">
            <caption className="unseen">{title}</caption>
            <TableHead
              columns={[
                [kind],
                ['Issued', 'right'],
                ['Redeemed', 'right'],
                ['Revenue', 'right'],
                ['Given', 'right wide-only'],
              ]}
            />
            <tbody>
              {rows(report).map(({ key, name, issued, redeemed, rate, revenue, given }) => (
                <tr key={key}>
                  <th scope="row" className="name">
                    {name}
                  </th>
                  <td className="right">{count(issued)}</td>
                  <td className="right">
                    {count(redeemed)} <span className="small soft">{percent(rate)}</span>
                  </td>
                  <td className="right">
                    <Sums sums={revenue} />
                  </td>
                  <td className="right wide-only">
                    <Sums sums={given} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </Shown>
  </Tile>
);

const ByAutomation = ({ answer }: { answer: Answer<DiscountReport> }) => {
  const site = useSite();
  const automations = useAnswer<typeof listAutomations>(
    { method: 'GET', path: '/api/sites/:site/automations' },
    { params: { site: site.id } },
  );
  const nameOf = (id: string): string =>
    automations.data?.automations.find((one) => one.id === id)?.automation.name ??
    (id || 'before automations were noted');
  const rows = ({ byAutomation }: DiscountReport): Row[] =>
    byAutomation.map((row) => ({ ...row, key: row.automation, name: nameOf(row.automation) }));
  return <FiguresTile title="By automation" kind="Automation" answer={answer} rows={rows} />;
};

const benefitWords = ({ kind, percent: off, amount, minimumOrder }: Benefit): string => {
  const what =
    kind === 'free-shipping'
      ? 'Free shipping'
      : `${amount === null ? `${off}%` : money(amount.amount, amount.currency)} off`;
  return minimumOrder === null ? what : `${what} from ${money(minimumOrder.amount, minimumOrder.currency)} on`;
};

const benefitRows = ({ byBenefit }: DiscountReport): Row[] =>
  byBenefit.map((row) => ({
    ...row,
    key: JSON.stringify([row.benefit, row.pool]),
    name: (
      <>
        {benefitWords(row.benefit)} {row.pool !== '' && <Tag>from a pool</Tag>}
      </>
    ),
  }));

const ByBenefit = ({ answer }: { answer: Answer<DiscountReport> }) => (
  <FiguresTile title="By what they are good for" kind="Discount" answer={answer} rows={benefitRows} />
);

const Redemptions = ({ answer }: { answer: Answer<DiscountReport> }) => {
  const { timeZone } = useSite();
  return (
    <Tile flush title="Redeemed last">
      <Shown
        answer={answer}
        height={tileHeight}
        empty={({ redemptions }) =>
          redemptions.length > 0 ? null : <State title="None of these codes was used yet" minHeight={tileHeight} />
        }
      >
        {({ redemptions }) => (
          <TableBox label="Redeemed last">
            <table className="table">
              <caption className="unseen">Codes that were redeemed last</caption>
              <TableHead
                columns={[['Code'], ['When'], ['Order'], ['Revenue', 'right'], ['Given', 'right wide-only']]}
              />
              <tbody>
                {redemptions.map(({ code, redeemedAt, orderId, revenue, given, isCancelled }) => (
                  <tr key={code}>
                    <th scope="row" className="name">
                      <code>{code}</code>
                    </th>
                    <td>{dayAndTime(redeemedAt, timeZone)}</td>
                    <td className="break">
                      {orderId} {isCancelled && <Tag tone="warn">cancelled</Tag>}
                    </td>
                    <td className="right">{revenue === null ? '–' : money(revenue.amount, revenue.currency)}</td>
                    <td className="right wide-only">{given === null ? '–' : money(given.amount, given.currency)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableBox>
        )}
      </Shown>
    </Tile>
  );
};
