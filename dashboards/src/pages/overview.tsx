import { SegmentedControl } from '@mantine/core';
import { BadgeCheck, Percent, Radio, ShoppingBasket, UsersRound, Wallet } from 'lucide-react';
import { useState } from 'react';
import type { AbandonmentAnswer, queryAbandonment } from '../../../schemas/api/abandonment.ts';
import type { getOverview, OverviewAnswer } from '../../../schemas/api/overview.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { amountIn, count, percent, plural } from '../format.ts';
import { type Live, useLive } from '../live.ts';
import { Feed } from '../parts/feed.tsx';
import { Change, Figure } from '../parts/figure.tsx';
import { Sums } from '../parts/money.tsx';
import { PageHead } from '../parts/tile.tsx';
import { instantsOf } from '../range.ts';
import { type Raw, readChoice } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';
import { LatestMails, PurchaseFunnel, TrafficChart, WorthMost } from './overview-tiles.tsx';

const periods = ['7', '30', '90'] as const;
const read = (raw: Raw) => ({ days: readChoice(String(raw['days']), periods, '30') });

const dayMs = 86_400_000;

export const OverviewPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const [isPaused, setPaused] = useState(false);
  const live = useLive(site.id, isPaused);
  const days = Number(search.days);
  const now = useNow(60_000);
  // The same period as the overview counts: up to now, not by calendar days.
  const minute = Math.ceil(now / 60_000) * 60_000;
  const period = { from: minute - days * dayMs, to: minute };
  const overview = useAnswer<typeof getOverview>(
    { method: 'GET', path: '/api/sites/:site/overview' },
    { params: { site: site.id }, query: { days } },
    { everyMs: 10_000 },
  );
  const baskets = useBaskets(site.id, period);
  const basketsBefore = useBaskets(site.id, { from: period.from - days * dayMs, to: period.from }, true);
  const range = instantsOf({ range: `${search.days}d` as '7d' | '30d' | '90d', from: '', to: '' }, site, now);
  return (
    <div className="page">
      <PageHead title="Overview">
        <SegmentedControl
          aria-label="Period"
          data={periods.map((value) => ({ value, label: `${value} days` }))}
          value={search.days}
          onChange={(value) => setSearch({ days: readChoice(value, periods, '30') })}
        />
      </PageHead>
      <Figures overview={overview} baskets={baskets} before={basketsBefore} live={live} days={days} />
      <div className="columns">
        <TrafficChart range={range} />
        <Feed live={live} isPaused={isPaused} pause={setPaused} />
      </div>
      <div className="columns even">
        <PurchaseFunnel range={range} />
        <WorthMost baskets={baskets} />
      </div>
      <LatestMails />
    </div>
  );
};

const useBaskets = (site: string, period: { from: number; to: number }, asThen = false): Answer<AbandonmentAnswer> => {
  const to = new Date(period.to).toISOString();
  return useAnswer<typeof queryAbandonment>(
    { method: 'POST', path: '/api/sites/:site/abandonment/query' },
    {
      params: { site },
      body: {
        kind: 'cart',
        from: new Date(period.from).toISOString(),
        to,
        status: 'abandoned',
        limit: asThen ? 1 : 200,
        ...(asThen ? { asOf: to } : {}),
      },
    },
  );
};

const perMinute = (overview: OverviewAnswer, live: Live): number =>
  Math.max(live.arrivals.length, Math.round(overview.live.events / 5));

const Figures = ({
  overview,
  baskets,
  before,
  live,
  days,
}: {
  overview: Answer<OverviewAnswer>;
  baskets: Answer<AbandonmentAnswer>;
  before: Answer<AbandonmentAnswer>;
  live: Live;
  days: number;
}) => {
  const site = useSite();
  const compared = <span>vs {days} days before</span>;
  return (
    <div className="figures six">
      <Figure
        name="People now"
        icon={<Radio size={15} aria-hidden color="var(--brand)" />}
        answer={overview}
        value={(data) => count(data.live.persons)}
        under={(data) => <span className="num">{plural(perMinute(data, live), 'event')} a minute</span>}
      />
      <Figure
        name="Visitors"
        icon={<UsersRound size={15} aria-hidden />}
        answer={overview}
        value={({ current }) => count(current.visitors)}
        under={({ current, previous }) => (
          <>
            <Change now={current.visitors} before={previous.visitors} /> {compared}
          </>
        )}
      />
      <Figure
        name="Conversion"
        icon={<Percent size={15} aria-hidden />}
        answer={overview}
        value={({ current }) => percent(current.conversion)}
        under={({ current, previous }) => (
          <>
            <Change now={current.conversion} before={previous.conversion} /> {compared}
          </>
        )}
      />
      <Figure
        name="Orders"
        icon={<BadgeCheck size={15} aria-hidden />}
        answer={overview}
        value={({ current }) => count(current.orders)}
        under={({ current, previous }) => (
          <>
            <Change now={current.orders} before={previous.orders} /> {compared}
          </>
        )}
      />
      <Figure
        name="Revenue"
        icon={<Wallet size={15} aria-hidden />}
        answer={overview}
        value={({ current }) => <Sums sums={current.revenue} whole />}
        under={({ current, previous }) => (
          <>
            <Change now={amountIn(current.revenue, site.currency)} before={amountIn(previous.revenue, site.currency)} />{' '}
            {compared}
          </>
        )}
      />
      <Figure
        name="Value at risk"
        icon={<ShoppingBasket size={15} aria-hidden />}
        answer={baskets}
        value={(data) => <Sums sums={data.valueAtRisk} whole />}
        under={(data) => (
          <>
            <Change
              lessIsBetter
              now={amountIn(data.valueAtRisk, site.currency)}
              before={before.data === undefined ? null : amountIn(before.data.valueAtRisk, site.currency)}
            />
            <span>in {plural(data.abandoned, 'basket')}</span>
          </>
        )}
      />
    </div>
  );
};
