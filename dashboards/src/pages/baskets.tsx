import { SegmentedControl, Select } from '@mantine/core';
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

const statuses = ['all', 'open', 'abandoned', 'recovered', 'lost'] as const;
const idleTimes = [
  { seconds: 120, label: '2 minutes' },
  { seconds: 900, label: '15 minutes' },
  { seconds: 1800, label: '30 minutes' },
  { seconds: 3600, label: '1 hour' },
  { seconds: 4 * 3600, label: '4 hours' },
  { seconds: 86_400, label: '1 day' },
];

const read = (raw: Raw) => ({
  ...readRange(raw),
  kind: readChoice(raw['kind'], ['cart', 'checkout'] as const, 'cart'),
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
  const answer = useAnswer<typeof queryAbandonment>(
    { method: 'POST', path: '/api/sites/:site/abandonment/query' },
    {
      params: { site: site.id },
      body: {
        kind: search.kind,
        from,
        to,
        idleSeconds: search.idle,
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
          data={[
            { value: 'cart', label: 'Baskets' },
            { value: 'checkout', label: 'Checkouts' },
          ]}
          value={search.kind}
          onChange={(kind) => setSearch({ kind: readChoice(kind, ['cart', 'checkout'] as const, 'cart'), cursor: '' })}
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
      <Figures answer={answer} />
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

const Figures = ({ answer }: { answer: Answer<AbandonmentAnswer> }) => (
  <div className="figures">
    <Figure
      name="Value at risk"
      answer={answer}
      value={(data) => <Sums sums={data.valueAtRisk} />}
      under={(data) => `in ${plural(data.abandoned, 'abandoned basket')}`}
    />
    <Figure
      name="Recovered"
      answer={answer}
      value={(data) => <Sums sums={data.recoveredValue} />}
      under={(data) => `by ${plural(data.recovered, 'later order')}`}
    />
    <Figure
      name="Abandonment rate"
      answer={answer}
      value={(data) => percent(data.rate)}
      under={(data) => `${plural(data.completed, 'basket')} ordered straight away`}
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
        <div className="num" style={{ fontSize: 17, fontWeight: 640 }}>
          {money(basket.value, basket.currency)}
        </div>
        <Tag tone={tones[basket.status]}>{labels[basket.status]}</Tag>
        {basket.recoveredValue !== null && (
          <div className="small soft num">ordered for {money(basket.recoveredValue, basket.currency)}</div>
        )}
        <div className="small soft" title={dayAndTime(basket.lastActivity, site.timeZone)}>
          last active {ago(basket.lastActivity, now)}
        </div>
      </div>
    </li>
  );
};
