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
import { TableHead } from '../parts/table-head.tsx';
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

const headings: Record<Breakdown, string> = { product: 'Product', category: 'Category', source: 'Campaign source' };

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
            <TableHead
              columns={[
                [headings[by]],
                ['Left', 'right'],
                ['Rate', 'meter-head'],
                ['At risk', 'right'],
                ['Recovered', 'right wide-only'],
              ]}
            />
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
              <TableHead
                columns={[
                  ['Product'],
                  ['Times', 'right'],
                  ['People', 'right wide-only'],
                  ['Worth', 'right'],
                  ['Bought later', 'meter-head'],
                ]}
              />
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
