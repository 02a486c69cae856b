import { SegmentedControl, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AbandonmentAnswer, Basket, queryAbandonment } from '../../../schemas/api/abandonment.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { ago, count, dayAndTime, money, percent, plural } from '../format.ts';
import { BasketItems } from '../parts/basket-items.tsx';
import { Figure } from '../parts/figure.tsx';
import { Sums } from '../parts/money.tsx';
import { Pager } from '../parts/pager.tsx';
import { Avatar, PersonLink } from '../parts/person.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { Shown, State } from '../parts/states.tsx';
import { PageHead, Tag, Tile, type Tone } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { type Raw, readChoice, readNumber, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';
import { BasketBreakdown, type BasketQuestion, breakdowns, RemovedProducts, rowsShown } from './basket-tables.tsx';

const statuses = ['all', 'open', 'abandoned', 'recovered', 'lost'] as const;
const idleTimes = [
  { seconds: 120, label: '2 minutes' },
  { seconds: 900, label: '15 minutes' },
  { seconds: 1800, label: '30 minutes' },
  { seconds: 3600, label: '1 hour' },
  { seconds: 4 * 3600, label: '4 hours' },
  { seconds: 86_400, label: '1 day' },
];

const kinds = [
  { value: 'cart', label: 'Baskets' },
  { value: 'checkout', label: 'Checkouts' },
  { value: 'browse', label: 'Looked at' },
] as const;
const kindNames = kinds.map(({ value }) => value);

const read = (raw: Raw) => ({
  ...readRange(raw),
  kind: readChoice(raw['kind'], kindNames, 'cart'),
  by: readChoice(raw['by'], breakdowns, 'product'),
  status: readChoice(raw['status'], statuses, 'abandoned'),
  idle: readNumber(raw['idle'], 3600, { least: 1, most: 366 * 86_400 }),
  cursor: readText(raw['cursor']),
});

const tones: Readonly<Record<Basket['status'], Tone>> = {
  open: 'info',
  abandoned: 'warn',
  recovered: 'good',
  lost: 'bad',
};

export const BasketsPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const { from, to } = instantsOf(search, site, useNow(60_000));
  const question: BasketQuestion = { kind: search.kind, from, to, idleSeconds: search.idle };
  const answer = useAnswer<typeof queryAbandonment>(
    { method: 'POST', path: '/api/sites/:site/abandonment/query' },
    {
      params: { site: site.id },
      body: {
        ...question,
        breakdown: search.by,
        breakdownLimit: rowsShown,
        limit: 25,
        ...(search.status === 'all' ? {} : { status: search.status }),
        ...(search.cursor === '' ? {} : { cursor: search.cursor }),
      },
    },
  );
  const idleChoices = idleTimes.some(({ seconds }) => seconds === search.idle)
    ? idleTimes
    : [...idleTimes, { seconds: search.idle, label: `${search.idle} s` }];
  return (
    <div className="page">
      <PageHead title="Abandoned baskets">
        <SegmentedControl
          aria-label="What was left"
          data={[...kinds]}
          value={search.kind}
          onChange={(kind) => setSearch({ kind: readChoice(kind, kindNames, 'cart'), cursor: '' })}
        />
        <Select
          aria-label="Idle for at least"
          data={idleChoices.map(({ seconds, label }) => ({ value: String(seconds), label: `Idle ${label}` }))}
          value={String(search.idle)}
          allowDeselect={false}
          w={150}
          onChange={(idle) => setSearch({ idle: Number(idle), cursor: '' })}
        />
        <RangePicker
          value={search}
          timeZone={site.timeZone}
          onChange={(range) => setSearch({ ...range, cursor: '' })}
        />
      </PageHead>
      <Figures answer={answer} kind={search.kind} />
      <div className="columns even">
        <BasketBreakdown answer={answer} by={search.by} change={(by) => setSearch({ by })} />
        <RemovedProducts question={question} />
      </div>
      <StatusTabs answer={answer} value={search.status} change={(status) => setSearch({ status, cursor: '' })} />
      <Tile flush>
        <Shown
          answer={answer}
          height={420}
          empty={({ carts }) =>
            carts.length > 0 ? null : (
              <State title="No such baskets" minHeight={260}>
                Choose another status, a longer period or a shorter idle time.
              </State>
            )
          }
        >
          {({ carts, nextCursor }) => (
            <>
              <ul className="list" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1 }}>
                {carts.map((basket) => (
                  <BasketRow key={`${basket.person} ${basket.cartId} ${basket.since}`} basket={basket} />
                ))}
              </ul>
              <Pager cursor={search.cursor} nextCursor={nextCursor} onChange={(cursor) => setSearch({ cursor })} />
            </>
          )}
        </Shown>
      </Tile>
    </div>
  );
};

const byMails = ({ assisted, assistedValue, recovered }: AbandonmentAnswer): ReactNode => {
  if (recovered === 0) return 'by later orders';
  return assisted === 0 ? (
    `${plural(recovered, 'time')}, no mail had to help`
  ) : (
    <>
      {plural(recovered, 'time')}, <Sums sums={assistedValue} whole /> after a mail
    </>
  );
};

const Figures = ({ answer, kind }: { answer: Answer<AbandonmentAnswer>; kind: (typeof kindNames)[number] }) => (
  <div className="figures">
    <Figure
      name="Value at risk"
      answer={answer}
      value={(data) => <Sums sums={data.valueAtRisk} />}
      under={(data) =>
        kind === 'browse'
          ? `looked at by ${plural(data.abandoned, 'person', 'people')} who left`
          : `in ${plural(data.abandoned, `abandoned ${kind === 'cart' ? 'basket' : 'checkout'}`)}`
      }
    />
    <Figure name="Recovered" answer={answer} value={(data) => <Sums sums={data.recoveredValue} />} under={byMails} />
    <Figure
      name="Abandonment rate"
      answer={answer}
      value={(data) => percent(data.rate)}
      under={(data) =>
        kind === 'browse'
          ? `${count(data.completed)} filled a basket straight away`
          : `${count(data.completed)} ordered straight away`
      }
    />
    <Figure
      name="Lost for good"
      answer={answer}
      value={(data) => count(data.lost)}
      under={() => 'idle for more than a week'}
    />
  </div>
);

const labels = { all: 'All', open: 'Open', abandoned: 'Abandoned', recovered: 'Recovered', lost: 'Lost' } as const;

/** The statuses as one bar: how the baskets of the period are spread, and a choice at the same time. */
const StatusTabs = ({
  answer,
  value,
  change,
}: {
  answer: Answer<AbandonmentAnswer>;
  value: (typeof statuses)[number];
  change: (status: (typeof statuses)[number]) => void;
}) => {
  const { data } = answer;
  const counts =
    data === undefined
      ? null
      : {
          all: data.open + data.abandoned + data.recovered + data.lost,
          open: data.open,
          abandoned: data.abandoned,
          recovered: data.recovered,
          lost: data.lost,
        };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame that browsers do not let go of
    <div className="row wrap" role="group" aria-label="Status">
      {statuses.map((status) => (
        <button
          key={status}
          type="button"
          className={`tag ${status === value ? 'info' : ''}`}
          style={{
            minHeight: 32,
            padding: '2px 12px',
            border: '1px solid var(--line)',
            cursor: 'pointer',
            fontSize: 13,
          }}
          aria-pressed={status === value}
          onClick={() => change(status)}
        >
          {labels[status]}
          {counts !== null && <span className="num">{count(counts[status])}</span>}
        </button>
      ))}
    </div>
  );
};

const recoveries = {
  organic: 'came back unasked',
  mailed: 'after a mail',
  clicked: 'by the link in a mail',
} as const;

const BasketRow = ({ basket }: { basket: Basket }) => {
  const now = useNow();
  const site = useSite();
  return (
    <li className="basket">
      <div className="row" style={{ gap: 12, alignItems: 'flex-start' }}>
        <Avatar person={basket} />
        <div className="grow">
          <div className="clip" style={{ fontWeight: 600 }}>
            <PersonLink id={basket.person} person={basket} />
          </div>
          <div className="small soft break">{basket.userId === '' ? 'not signed in' : basket.userId}</div>
        </div>
      </div>
      <BasketItems basket={basket} nowMs={now} />
      <div className="basket-sums">
        <div style={{ fontSize: 17, fontWeight: 640 }}>
          <Sums sums={basket.values} />
        </div>
        <Tag tone={tones[basket.status]}>{labels[basket.status]}</Tag>
        {basket.recoveredValue !== null && basket.orderId !== '' && (
          <div className="small soft num">ordered for {money(basket.recoveredValue, basket.recoveredCurrency)}</div>
        )}
        {basket.recovery !== null && <div className="small soft">{recoveries[basket.recovery]}</div>}
        {basket.cancelledAt !== null && (
          <div className="small soft">order cancelled {ago(basket.cancelledAt, now)}</div>
        )}
        <div className="small soft" title={dayAndTime(basket.lastActivity, site.timeZone)}>
          last active {ago(basket.lastActivity, now)}
        </div>
      </div>
    </li>
  );
};
