import type { queryRfm, queryValue, ValueAnswer } from '../../../schemas/api/value.ts';
import { type Answer, useAnswer } from '../ask.ts';
import '../charts/charts.css';
import { useNow } from '../clock.ts';
import { count, day, money, percent } from '../format.ts';
import { BuyerClasses, Buyers } from '../parts/buyers.tsx';
import { Figure } from '../parts/figure.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { Shown, State } from '../parts/states.tsx';
import { TableBox } from '../parts/table-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { rfmClasses } from '../rfm.ts';
import { type Raw, readChoice, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const read = (raw: Raw) => ({
  ...readRange(raw, '90d'),
  class: readChoice(raw['class'], ['', ...rfmClasses] as const, ''),
  cursor: readText(raw['cursor']),
});

/** Ages that stand beside each other without scrolling on a desk. */
const agesShown = 6;

/** What buyers are worth, and which of them are about to be lost. */
export const ValuePage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const { from, to } = instantsOf(search, site, useNow(60_000));
  const worth = useAnswer<typeof queryValue>(
    { method: 'POST', path: '/api/sites/:site/value/query' },
    { params: { site: site.id }, body: { from, to, ages: agesShown } },
  );
  const classes = useAnswer<typeof queryRfm>(
    { method: 'POST', path: '/api/sites/:site/value/rfm' },
    {
      params: { site: site.id },
      body: {
        from,
        to,
        limit: 20,
        ...(search.class === '' ? {} : { class: search.class }),
        ...(search.cursor === '' ? {} : { cursor: search.cursor }),
      },
    },
  );
  return (
    <div className="page">
      <PageHead title="Value">
        <RangePicker
          value={search}
          timeZone={site.timeZone}
          onChange={(range) => setSearch({ ...range, cursor: '' })}
        />
      </PageHead>
      <Worth answer={worth} />
      <div className="columns even">
        <BuyerClasses
          answer={classes}
          chosen={search.class}
          choose={(chosen) => setSearch({ class: chosen === search.class ? '' : chosen, cursor: '' })}
        />
        <Buyers
          answer={classes}
          chosen={search.class}
          cursor={search.cursor}
          turn={(cursor) => setSearch({ cursor })}
        />
      </div>
      <Cohorts answer={worth} />
      <Lifetime answer={worth} />
    </div>
  );
};

const whole = (amount: string | null, currency: string): string =>
  amount === null ? '–' : money(amount.replace(/\..*/, ''), currency).replace(/[.,]00$/, '');

const Worth = ({ answer }: { answer: Answer<ValueAnswer> }) => {
  const own = ({ currencies, currency }: ValueAnswer) => currencies.find((one) => one.currency === currency);
  return (
    <div className="figures">
      <Figure
        name="Buyers"
        answer={answer}
        value={({ buyers }) => count(buyers)}
        under={({ repeatRate }) => `${percent(repeatRate)} bought again`}
      />
      <Figure
        name="Orders per buyer"
        answer={answer}
        value={({ ordersPerBuyer }) => ordersPerBuyer?.toFixed(2) ?? '–'}
        under={({ orders }) => `${count(orders)} orders`}
      />
      <Figure
        name="Net per buyer"
        answer={answer}
        value={(data) => whole(own(data)?.netPerBuyer ?? null, data.currency)}
        under={(data) => `${whole(own(data)?.averageOrderValue ?? null, data.currency)} an order, before refunds`}
      />
      <Figure
        name="Lifetime value"
        answer={answer}
        value={({ lifetime, currency }) => whole(lifetime.value, currency)}
        under={({ lifetime }) => `if a customer stays ${lifetime.years} years`}
      />
    </div>
  );
};

const Cohorts = ({ answer }: { answer: Answer<ValueAnswer> }) => {
  const { timeZone } = useSite();
  return (
    <Tile
      flush
      title="Worth by month of the first order"
      aside={<span className="small soft">Net per person, up to each month; “…” still grows</span>}
    >
      <Shown
        answer={answer}
        height={200}
        empty={({ cohorts }) =>
          cohorts.some(({ persons }) => persons > 0) ? null : <State title="Nobody bought for the first time here" />
        }
      >
        {({ cohorts, currency }) => {
          const ages = Math.max(...cohorts.map((cohort) => cohort.ages.length));
          const columns = Array.from({ length: ages }, (_, age) => age);
          return (
            <TableBox label="Worth by month of the first order">
              <table className="table snug">
                <caption className="unseen">Worth by month of the first order</caption>
                <TableHead
                  columns={[
                    ['From'],
                    ['Buyers', 'right'],
                    ...columns.map((age) => [age === 0 ? 'Same month' : `+ ${age}`, 'right'] as const),
                  ]}
                />
                <tbody>
                  {cohorts.map((cohort) => (
                    <tr key={cohort.start}>
                      <th scope="row" className="name">
                        {day(cohort.start, timeZone)}
                      </th>
                      <td className="right">{count(cohort.persons)}</td>
                      {columns.map((age) => {
                        const cell = cohort.ages.find((one) => one.age === age);
                        return (
                          <td key={age} className="right">
                            {cell === undefined || cohort.persons === 0
                              ? ''
                              : `${whole(cell.perPerson, currency)}${cell.isComplete ? '' : ' …'}`}
                          </td>
                        );
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableBox>
          );
        }}
      </Shown>
    </Tile>
  );
};

/** A figure that guesses says what it takes for granted. */
const Lifetime = ({ answer }: { answer: Answer<ValueAnswer> }) => (
  <Tile title="How the lifetime value is reckoned">
    <Shown answer={answer} height={120}>
      {({ lifetime, currency }) => (
        <div className="stack" style={{ gap: 8 }}>
          <p>
            {whole(lifetime.averageOrderValue, currency)} an order × {lifetime.ordersPerYear?.toFixed(1) ?? '–'} orders
            a year × {percent(lifetime.margin)} margin × {lifetime.years} years
          </p>
          <ul className="small soft" style={{ paddingLeft: 18, listStyle: 'disc' }}>
            {lifetime.assumptions.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </div>
      )}
    </Shown>
  </Tile>
);
