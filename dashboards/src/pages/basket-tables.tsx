import { SegmentedControl } from '@mantine/core';
import type {
  AbandonmentAnswer,
  AbandonmentKind,
  BasketBreakdownRow,
  queryRemovedProducts,
  RemovedProduct,
} from '../../../schemas/api/abandonment.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { count, plural } from '../format.ts';
import { Meter } from '../parts/meter.tsx';
import { Sums } from '../parts/money.tsx';
import { Shown, State } from '../parts/states.tsx';
import { Tile } from '../parts/tile.tsx';
import { readChoice } from '../search.ts';
import { useSite } from '../session.ts';

export type BasketQuestion = { kind: AbandonmentKind; from: string; to: string; idleSeconds: number };
export const breakdowns = ['product', 'category', 'source'] as const;
export type Breakdown = (typeof breakdowns)[number];

/** As many as stand beside each other without scrolling. */
export const rowsShown = 6;
const tileHeight = 296;

/** What no word is known of, in the reader's words. */
const valueNames: Record<Breakdown, Readonly<Record<string, string>>> = {
  product: { '(none)': 'no product known', '(other)': 'All others' },
  category: { '(none)': 'no category', '(other)': 'All others' },
  source: { '(none)': 'no campaign', '(other)': 'All others' },
};

/** Where baskets are left: by what is in them, or by who brought the person. */
export const BasketBreakdown = ({
  answer,
  by,
  change,
}: {
  answer: Answer<AbandonmentAnswer>;
  by: Breakdown;
  change: (by: Breakdown) => void;
}) => (
  <Tile
    flush
    title="Where they are left"
    aside={
      <SegmentedControl
        size="xs"
        aria-label="Left, by"
        data={[
          { value: 'product', label: 'Product' },
          { value: 'category', label: 'Category' },
          { value: 'source', label: 'Campaign' },
        ]}
        value={by}
        onChange={(value) => change(readChoice(value, breakdowns, 'product'))}
      />
    }
  >
    <Shown
      answer={answer}
      height={tileHeight}
      empty={({ breakdown = [] }) =>
        breakdown.length > 0 ? null : <State title="Nothing in this period" minHeight={tileHeight} />
      }
    >
      {({ breakdown = [] }) => (
        <div className="table-box" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1 }}>
          <table className="table snug">
            <caption className="unseen">Left, by {by}</caption>
            <thead>
              <tr>
                <th scope="col">{by === 'source' ? 'Campaign source' : by === 'product' ? 'Product' : 'Category'}</th>
                <th scope="col" className="right">
                  Left
                </th>
                <th scope="col" className="meter-head">
                  Rate
                </th>
                <th scope="col" className="right">
                  At risk
                </th>
                <th scope="col" className="right wide-only">
                  Recovered
                </th>
              </tr>
            </thead>
            <tbody>
              {breakdown.map((row) => (
                <BreakdownRow key={row.value} row={row} name={valueNames[by][row.value] ?? (row.name || row.value)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Shown>
  </Tile>
);

const BreakdownRow = ({ row, name }: { row: BasketBreakdownRow; name: string }) => (
  <tr>
    <th scope="row" className="name">
      {name}
    </th>
    <td className="right">{count(row.abandoned + row.recovered + row.lost)}</td>
    <td>
      <Meter share={row.rate} tone="bad" />
    </td>
    <td className="right">
      <Sums sums={row.valueAtRisk} whole />
    </td>
    <td className="right wide-only">
      <Sums sums={row.recoveredValue} whole />
    </td>
  </tr>
);

/** What was taken out of baskets, and whether it was bought after all. */
export const RemovedProducts = ({ question: { from, to, idleSeconds } }: { question: BasketQuestion }) => {
  const site = useSite();
  const answer = useAnswer<typeof queryRemovedProducts>(
    { method: 'POST', path: '/api/sites/:site/abandonment/removed' },
    { params: { site: site.id }, body: { from, to, idleSeconds, limit: rowsShown } },
  );
  const { data } = answer;
  return (
    <Tile
      flush
      title="What was deleted"
      aside={
        data === undefined ? undefined : (
          <span className="soft small num">
            {plural(data.removals, 'time')} by {plural(data.persons, 'person', 'people')} ·{' '}
            <Sums sums={data.value} whole />
          </span>
        )
      }
    >
      <Shown
        answer={answer}
        height={tileHeight}
        empty={({ products }) =>
          products.length > 0 ? null : <State title="Nothing was taken out in this period" minHeight={tileHeight} />
        }
      >
        {({ products }) => (
          <div className="table-box" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1 }}>
            <table className="table snug">
              <caption className="unseen">Products that were taken out of baskets, most often first</caption>
              <thead>
                <tr>
                  <th scope="col">Product</th>
                  <th scope="col" className="right">
                    Times
                  </th>
                  <th scope="col" className="right wide-only">
                    People
                  </th>
                  <th scope="col" className="right">
                    Worth
                  </th>
                  <th scope="col" className="meter-head">
                    Bought later
                  </th>
                </tr>
              </thead>
              <tbody>
                {products.map((product) => (
                  <RemovedRow
                    key={product.productId}
                    product={product}
                    most={Math.max(...products.map(({ bought, removals }) => bought / removals))}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Shown>
    </Tile>
  );
};

const RemovedRow = ({ product, most }: { product: RemovedProduct; most: number }) => (
  <tr>
    <th scope="row" className="name">
      {product.name || product.productId}
    </th>
    <td className="right">{count(product.removals)}</td>
    <td className="right wide-only">{count(product.persons)}</td>
    <td className="right">
      <Sums sums={product.value} whole />
    </td>
    <td>
      <Meter share={product.bought / product.removals} most={most} />
    </td>
  </tr>
);
