import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import type { AbandonmentAnswer } from '../../../schemas/api/abandonment.ts';
import type { listActions } from '../../../schemas/api/automations.ts';
import type { queryFunnel } from '../../../schemas/api/funnels.ts';
import type { queryTrend } from '../../../schemas/api/trends.ts';
import { type Answer, useAnswer } from '../ask.ts';
import { DailyChart } from '../charts/daily.tsx';
import '../charts/charts.css';
import { useNow } from '../clock.ts';
import { ago, count, money, percent } from '../format.ts';
import { Thumb } from '../parts/basket-items.tsx';
import { Avatar, PersonLink, personName } from '../parts/person.tsx';
import { PhaseTag } from '../parts/phase.tsx';
import { Shown, State } from '../parts/states.tsx';
import { Tile } from '../parts/tile.tsx';
import { useSite } from '../session.ts';

type Instants = { from: string; to: string };

const useTrend = (range: Instants, event: string, measure: 'persons' | 'orders') =>
  useAnswer<typeof queryTrend>(
    { method: 'POST', path: '/api/sites/:site/trends/query' },
    { params: { site: useSite().id }, body: { event, measure, interval: 'day', from: range.from, to: range.to } },
  );

export const TrafficChart = ({ range }: { range: Instants }) => {
  const site = useSite();
  const visitors = useTrend(range, '*', 'persons');
  const orders = useTrend(range, 'Order Completed', 'orders');
  return (
    <Tile
      title="Visitors and orders by day"
      aside={
        <div className="row" style={{ gap: 14 }}>
          <span className="key">Visitors</span>
          <span className="key bar-2">Orders</span>
        </div>
      }
    >
      <Shown
        answer={visitors}
        height={338}
        empty={({ total }) =>
          (total ?? 0) > 0 ? null : (
            <State title="No visitors in this period" minHeight={338}>
              <Link to="/$site/setup" params={{ site: site.id }}>
                See how to send events
              </Link>
            </State>
          )
        }
      >
        {({ points }) => {
          const ordersAt = new Map(orders.data?.points.map(({ at, value }) => [at, value]));
          return (
            <DailyChart
              days={points.map(({ at, value }) => ({ at, visitors: value ?? 0, orders: ordersAt.get(at) ?? 0 }))}
              timeZone={site.timeZone}
            />
          );
        }}
      </Shown>
    </Tile>
  );
};

const purchase = ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'].map((event) => ({ event }));

/** The funnel that every shop asks for first; its page is where it can be changed. */
export const PurchaseFunnel = ({ range }: { range: Instants }) => {
  const site = useSite();
  const answer = useAnswer<typeof queryFunnel>(
    { method: 'POST', path: '/api/sites/:site/funnels/query' },
    { params: { site: site.id }, body: { steps: purchase, from: range.from, to: range.to } },
  );
  return (
    <Tile
      title="From looking to buying"
      aside={
        <Link to="/$site/funnel" params={{ site: site.id }} className="row small" style={{ gap: 4 }}>
          Open the funnel <ArrowRight size={14} aria-hidden />
        </Link>
      }
    >
      <Shown
        answer={answer}
        height={236}
        empty={({ steps }) =>
          (steps[0]?.count ?? 0) > 0 ? null : (
            <State title="Nobody looked at a product in this period" minHeight={236}>
              The funnel starts with the event “Product Viewed”.
            </State>
          )
        }
      >
        {({ steps }) => (
          <ol className="mini-funnel">
            {steps.map((step, index) => (
              <li key={step.event}>
                <div className="row apart">
                  <span>{step.label}</span>
                  <span className="num">
                    <strong>{count(step.count)}</strong> <span className="soft">{percent(step.fromStart)}</span>
                  </span>
                </div>
                <div className="bar" aria-hidden>
                  <span style={{ width: `${Math.max(0.6, step.fromStart * 100)}%` }} />
                </div>
                {index > 0 && (
                  <div className="small soft num">
                    {percent(1 - step.fromPrevious)} of the step before did not come this far
                  </div>
                )}
              </li>
            ))}
          </ol>
        )}
      </Shown>
    </Tile>
  );
};

export const WorthMost = ({ baskets }: { baskets: Answer<AbandonmentAnswer> }) => {
  const site = useSite();
  const now = useNow();
  return (
    <Tile
      flush
      title="Abandoned baskets worth most"
      aside={
        <Link to="/$site/baskets" params={{ site: site.id }} className="row small" style={{ gap: 4 }}>
          All baskets <ArrowRight size={14} aria-hidden />
        </Link>
      }
    >
      <Shown
        answer={baskets}
        height={270}
        empty={({ carts }) =>
          carts.length > 0 ? null : (
            <State title="No abandoned baskets" minHeight={240}>
              Baskets that lie idle for an hour show up here.
            </State>
          )
        }
      >
        {({ carts }) => (
          <ul className="list" style={{ paddingTop: 8 }}>
            {carts
              .toSorted((one, other) => Number(other.value) - Number(one.value))
              .slice(0, 5)
              .map((basket) => (
                <li key={`${basket.person} ${basket.cartId} ${basket.since}`} className="line">
                  <Thumb url={basket.items[0]?.imageUrl ?? ''} />
                  <div className="grow">
                    <div className="clip">
                      <PersonLink id={basket.person} person={basket} />
                    </div>
                    <div className="small soft clip">
                      {basket.items
                        .map(({ quantity, name, productId }) => `${quantity} × ${name || productId}`)
                        .join(', ')}
                    </div>
                  </div>
                  <div style={{ textAlign: 'right', whiteSpace: 'nowrap' }}>
                    <div className="num" style={{ fontWeight: 600 }}>
                      {money(basket.value, basket.currency)}
                    </div>
                    <div className="small soft">{ago(basket.lastActivity, now)}</div>
                  </div>
                </li>
              ))}
          </ul>
        )}
      </Shown>
    </Tile>
  );
};

export const LatestMails = () => {
  const site = useSite();
  const now = useNow();
  const answer = useAnswer<typeof listActions>(
    { method: 'GET', path: '/api/sites/:site/actions' },
    { params: { site: site.id }, query: { limit: 6 } },
    { everyMs: 10_000 },
  );
  return (
    <Tile
      flush
      title="What automations did lately"
      aside={
        <Link to="/$site/automations" params={{ site: site.id }} className="row small" style={{ gap: 4 }}>
          Automations <ArrowRight size={14} aria-hidden />
        </Link>
      }
    >
      <Shown
        answer={answer}
        height={200}
        empty={({ actions }) =>
          actions.length > 0 ? null : (
            <State title="Nothing was sent yet" minHeight={140}>
              An automation writes to signed-in shoppers whose basket lies idle.
            </State>
          )
        }
      >
        {({ actions }) => (
          <ul className="list" style={{ paddingTop: 8 }}>
            {actions.map((action) => (
              <li key={action.id} className="line">
                <Avatar person={action} />
                <div className="grow">
                  <div className="clip">
                    <PersonLink id={action.person} person={action}>
                      {personName(action)}
                    </PersonLink>
                  </div>
                  <div className="small soft clip">
                    {action.automation}
                    {action.reason !== '' && ` · ${action.reason}`}
                  </div>
                </div>
                <span className="num wide-only">
                  {action.value === null ? action.event : money(action.value, action.currency)}
                </span>
                <PhaseTag phase={action.phase} />
                <span className="small soft" style={{ whiteSpace: 'nowrap' }}>
                  {ago(action.at, now)}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Tile>
  );
};
