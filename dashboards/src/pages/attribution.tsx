import { SegmentedControl, Select } from '@mantine/core';
import type { AttributionAnswer, AttributionModel, queryAttribution } from '../../../schemas/api/attribution.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { amountIn, count, money } from '../format.ts';
import { Figure } from '../parts/figure.tsx';
import { Sums } from '../parts/money.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { Renewed, Shown, State } from '../parts/states.tsx';
import { TableBox } from '../parts/table-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { type Raw, readChoice, readNumber } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const day = 86_400;
const dimensions = ['source', 'medium', 'name', 'sourceMedium'] as const;
const dimensionOptions = [
  { value: 'source', label: 'By source' },
  { value: 'medium', label: 'By medium' },
  { value: 'name', label: 'By campaign' },
  { value: 'sourceMedium', label: 'By source and medium' },
];
const headings: Record<(typeof dimensions)[number], string> = {
  source: 'Source',
  medium: 'Medium',
  name: 'Campaign',
  sourceMedium: 'Source and medium',
};
const models: Readonly<Record<AttributionModel, string>> = {
  first: 'First touch',
  last: 'Last touch',
  lastNonDirect: 'Last, not direct',
  linear: 'All alike',
  position: 'First and last',
  timeDecay: 'Later weighs more',
};
const modelNames = Object.keys(models) as AttributionModel[];

const read = (raw: Raw) => ({
  ...readRange(raw),
  by: readChoice(raw['by'], dimensions, 'source'),
  lookback: readNumber(raw['lookback'], 30 * day, { least: 1, most: 366 * day }),
  show: readChoice(raw['show'], ['orders', 'money'] as const, 'orders'),
});
type Search = ReturnType<typeof read>;

/** Who led to orders, as six models tell it: where they disagree is what one learns. */
export const AttributionPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const { from, to } = instantsOf(search, site, useNow(60_000));
  const answer = useAnswer<typeof queryAttribution>(
    { method: 'POST', path: '/api/sites/:site/attribution/query' },
    {
      params: { site: site.id },
      body: { from, to, by: search.by, lookbackSeconds: search.lookback, limit: 20, paths: 10 },
    },
  );
  const lookbacks = [...new Set([1, 7, 30, 90, Math.ceil(search.lookback / day)])].sort((one, other) => one - other);
  return (
    <div className="page">
      <PageHead title="Attribution">
        <Select
          aria-label="Credit goes to"
          data={dimensionOptions}
          value={search.by}
          allowDeselect={false}
          w={190}
          onChange={(by) => setSearch({ by: readChoice(by, dimensions, 'source') })}
        />
        <Select
          aria-label="How long before an order a visit counts"
          data={lookbacks.map((days) => ({
            value: String(days * day),
            label: `${days === 1 ? '1 day' : `${days} days`} before`,
          }))}
          value={String(Math.ceil(search.lookback / day) * day)}
          allowDeselect={false}
          w={168}
          onChange={(seconds) => setSearch({ lookback: Number(seconds ?? 30 * day) })}
        />
        <RangePicker value={search} timeZone={site.timeZone} onChange={setSearch} />
      </PageHead>
      <div className="figures">
        <Figure name="Orders" answer={answer} value={({ conversions }) => count(conversions)} />
        <Figure name="Worth" answer={answer} value={({ revenue }) => <Sums sums={revenue} whole />} />
      </div>
      <Credits answer={answer} search={search} change={setSearch} />
      <Paths answer={answer} />
    </div>
  );
};

/** Parts of orders: as many digits as tell them apart. */
const part = (conversions: number): string => count(Math.round(conversions * 10) / 10);

const Credits = ({
  answer,
  search,
  change,
}: {
  answer: Answer<AttributionAnswer>;
  search: Search;
  change: (changes: Partial<Search>) => void;
}) => {
  const { currency } = useSite();
  const heading = headings[search.by];
  const shown = ({ credits }: AttributionAnswer['rows'][number], model: AttributionModel): string => {
    const credit = credits.find((one) => one.model === model);
    if (credit === undefined) return '–';
    if (search.show === 'orders') return part(credit.conversions);
    return money(amountIn(credit.revenue, currency).toFixed(0), currency).replace(/[.,]00$/, '');
  };
  return (
    <Tile
      flush
      title="Who gets the credit"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Shown are"
          data={[
            { value: 'orders', label: 'Orders' },
            { value: 'money', label: currency },
          ]}
          value={search.show}
          onChange={(show) => change({ show: readChoice(show, ['orders', 'money'] as const, 'orders') })}
        />
      }
    >
      <Renewed answer={answer}>
        <Shown
          answer={answer}
          height={320}
          empty={({ rows }) =>
            rows.length > 0 ? null : (
              <State title="No orders in this period" minHeight={320}>
                Choose a longer period.
              </State>
            )
          }
        >
          {({ rows }) => (
            <TableBox label={`Credit by ${heading.toLowerCase()} and model`}>
              <table className="table snug">
                <caption className="unseen">Credit by {heading.toLowerCase()} and model</caption>
                <TableHead columns={[[heading], ...modelNames.map((model) => [models[model], 'right'] as const)]} />
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.value}>
                      <th scope="row" className="name">
                        {row.value}
                      </th>
                      {modelNames.map((model) => (
                        <td key={model} className="right">
                          {shown(row, model)}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableBox>
          )}
        </Shown>
      </Renewed>
    </Tile>
  );
};

const Paths = ({ answer }: { answer: Answer<AttributionAnswer> }) => (
  <Tile flush title="Ways to an order">
    <Shown
      answer={answer}
      height={240}
      empty={({ paths }) => (paths.converting.length > 0 ? null : <State title="No orders in this period" />)}
    >
      {({ paths }) => (
        <div className="table-box">
          <table className="table snug">
            <caption className="unseen">Ways to an order</caption>
            <TableHead columns={[['Visits, in order'], ['Orders', 'right'], ['Worth', 'right']]} />
            <tbody>
              {paths.converting.map(({ path, conversions, revenue }) => (
                <tr key={path.join('>')}>
                  <td className="break">{path.join(' → ')}</td>
                  <td className="right">{count(conversions)}</td>
                  <td className="right">
                    <Sums sums={revenue} whole />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Shown>
  </Tile>
);
