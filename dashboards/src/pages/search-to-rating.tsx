import { SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import type {
  RatedThing,
  RatingSummary,
  reportSearchToRating,
  SearchStep,
  SearchTerm,
  SearchToRatingAnswer,
} from '../../../schemas/api/reports.ts';
import { type Answer, useAnswer } from '../ask.ts';
import '../charts/charts.css';
import { Average, StarBars } from '../charts/stars.tsx';
import { useNow } from '../clock.ts';
import { count, duration, percent, plural } from '../format.ts';
import { Figure } from '../parts/figure.tsx';
import { Meter } from '../parts/meter.tsx';
import { RangePicker } from '../parts/range-picker.tsx';
import { Shown, State } from '../parts/states.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { type Raw, readChoice, readNumber } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const windows = [
  { seconds: 3600, label: '1 hour' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 7 * 86_400, label: '7 days' },
  { seconds: 30 * 86_400, label: '30 days' },
];
const orders = ['searches', 'withoutResults', 'purchased'] as const;

const read = (raw: Raw) => ({
  ...readRange(raw),
  window: readNumber(raw['window'], 7 * 86_400, { least: 1, most: 366 * 86_400 }),
  terms: readChoice(raw['terms'], orders, 'searches'),
});

/** From what is searched to how it is rated. */
export const SearchToRatingPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const { from, to } = instantsOf(search, site, useNow(60_000));
  const answer = useAnswer<typeof reportSearchToRating>(
    { method: 'POST', path: '/api/sites/:site/reports/search-to-rating' },
    {
      params: { site: site.id },
      body: { from, to, windowSeconds: search.window, queriesBy: search.terms, limit: 15, minimumRatings: 3 },
    },
  );
  const windowChoices = windows.some(({ seconds }) => seconds === search.window)
    ? windows
    : [...windows, { seconds: search.window, label: duration(search.window) }];
  return (
    <div className="page">
      <PageHead title="Search to rating">
        <Select
          aria-label="From search to purchase within"
          data={windowChoices.map(({ seconds, label }) => ({ value: String(seconds), label: `Within ${label}` }))}
          value={String(search.window)}
          allowDeselect={false}
          w={150}
          onChange={(seconds) => setSearch({ window: Number(seconds) })}
        />
        <RangePicker value={search} timeZone={site.timeZone} onChange={setSearch} />
      </PageHead>
      <Figures answer={answer} />
      <div className="columns">
        <Terms answer={answer} order={search.terms} change={(terms) => setSearch({ terms })} />
        <Steps answer={answer} />
      </div>
      <div className="columns even">
        <Ratings title="Products that were found and bought" answer={answer} of={(data) => data.productRatings} />
        <Ratings title="Their sellers" answer={answer} of={(data) => data.sellerRatings} />
      </div>
    </div>
  );
};

const Figures = ({ answer }: { answer: Answer<SearchToRatingAnswer> }) => (
  <div className="figures">
    <Figure
      name="Searches"
      answer={answer}
      value={(data) => count(data.searches)}
      under={(data) => `by ${plural(data.persons, 'person', 'people')}`}
    />
    <Figure
      name="Found nothing"
      answer={answer}
      value={(data) => percent(data.resultsKnown === 0 ? null : data.withoutResults / data.resultsKnown)}
      under={(data) =>
        data.resultsKnown === 0
          ? 'the searches do not say what they found'
          : `${count(data.withoutResults)} of ${plural(data.resultsKnown, 'search', 'searches')}`
      }
    />
    <Figure
      name="Led to an order"
      answer={answer}
      value={(data) => percent(data.steps.at(-1)?.share ?? null)}
      under={(data) =>
        `${plural(data.orders.orders, 'order')}${data.pending === 0 ? '' : `, ${count(data.pending)} searches may still`}`
      }
    />
    <Figure
      name="Orders rated"
      answer={answer}
      value={(data) => percent(data.orders.ratedShare)}
      under={({ orders: { rated, pending, medianSeconds } }) =>
        rated === 0
          ? `${count(pending)} may still be`
          : `${duration(medianSeconds)} after the order (median)${pending === 0 ? '' : `, ${count(pending)} may still be`}`
      }
    />
  </div>
);

const tileHeight = 500;

const noSearches = ({ searches }: SearchToRatingAnswer, minHeight: number) =>
  searches > 0 ? null : (
    <State title="Nobody searched in this period" minHeight={minHeight}>
      Searches come in as “Products Searched”.
    </State>
  );

const stepNames: Record<SearchStep['step'], string> = {
  searched: 'Searched',
  viewed: 'Looked at something found',
  added: 'Put it into the basket',
  purchased: 'Bought it',
};

const Steps = ({ answer }: { answer: Answer<SearchToRatingAnswer> }) => (
  <Tile title="What searches lead to">
    <Shown answer={answer} height={tileHeight} empty={(data) => noSearches(data, tileHeight)}>
      {({ steps }) => (
        <>
          <ol className="mini-funnel">
            {steps.map((step) => (
              <li key={step.step}>
                <div className="row apart">
                  <span>{stepNames[step.step]}</span>
                  <span className="num">
                    <strong>{count(step.searches)}</strong> <span className="soft">{percent(step.share)}</span>
                  </span>
                </div>
                <div className="bar" aria-hidden>
                  <span style={{ width: `${Math.max(0.6, (step.share ?? 0) * 100)}%` }} />
                </div>
                <div className="small soft num">
                  {plural(step.persons, 'person', 'people')} in {plural(step.sessions, 'visit')}
                </div>
              </li>
            ))}
          </ol>
          <p className="small soft" style={{ marginTop: 18 }}>
            A search found what the same person looked at or put into the basket before searching for something else. It
            led to an order if one of these products was bought, whatever was searched in between.
          </p>
        </>
      )}
    </Shown>
  </Tile>
);

const orderNames = [
  { value: 'searches', label: 'Most searched' },
  { value: 'withoutResults', label: 'Found nothing' },
  { value: 'purchased', label: 'Most bought' },
];

const Terms = ({
  answer,
  order,
  change,
}: {
  answer: Answer<SearchToRatingAnswer>;
  order: (typeof orders)[number];
  change: (order: (typeof orders)[number]) => void;
}) => (
  <Tile
    flush
    title="Search terms"
    aside={
      <SegmentedControl
        size="xs"
        aria-label="First come"
        data={orderNames}
        value={order}
        onChange={(value) => change(readChoice(value, orders, 'searches'))}
      />
    }
  >
    <Shown answer={answer} height={tileHeight} empty={(data) => noSearches(data, tileHeight)}>
      {({ queries }) => (
        <div className="table-box" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1 }}>
          <table className="table snug">
            <caption className="unseen">Search terms and what they led to</caption>
            <TableHead
              columns={[
                ['Term'],
                ['Searches', 'right'],
                ['Found nothing', 'right'],
                ['Looked', 'right wide-only'],
                ['In basket', 'right wide-only'],
                ['Bought', 'meter-head'],
              ]}
            />
            <tbody>
              {queries.map((term) => (
                <TermRow key={term.query} term={term} most={Math.max(...queries.map(({ conversion }) => conversion))} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Shown>
  </Tile>
);

const TermRow = ({ term, most }: { term: SearchTerm; most: number }) => (
  <tr>
    <th scope="row" className="name">
      {term.query === '' ? <span className="soft">no term</span> : term.query}
    </th>
    <td className="right">{count(term.searches)}</td>
    <td className="right">{term.resultsKnown === 0 ? '–' : percent(term.withoutResults / term.resultsKnown)}</td>
    <td className="right wide-only">{count(term.viewed)}</td>
    <td className="right wide-only">{count(term.added)}</td>
    <td>
      <Meter share={term.conversion} most={most} />
    </td>
  </tr>
);

const lists = ['lowest', 'most'] as const;

const Ratings = ({
  title,
  answer,
  of,
}: {
  title: string;
  answer: Answer<SearchToRatingAnswer>;
  of: (data: SearchToRatingAnswer) => RatingSummary;
}) => {
  const [list, setList] = useState<(typeof lists)[number]>('lowest');
  return (
    <Tile
      flush
      title={title}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={`${title}: first come`}
          data={[
            { value: 'lowest', label: 'Lowest rated' },
            { value: 'most', label: 'Most rated' },
          ]}
          value={list}
          onChange={(value) => setList(readChoice(value, lists, 'lowest'))}
        />
      }
    >
      <Shown
        answer={answer}
        height={330}
        empty={(data) =>
          of(data).ratings > 0 ? null : (
            <State title="No ratings of these orders yet" minHeight={330}>
              They come in as “Product Reviewed” and “Seller Rated”.
            </State>
          )
        }
      >
        {(data) => (
          <>
            <StarBars stars={of(data)} />
            <ul className="list rated">
              {of(data)
                [list].slice(0, 6)
                .map((thing) => (
                  <RatedRow key={thing.id} thing={thing} />
                ))}
              {of(data)[list].length === 0 && <li className="line soft">None has three ratings yet</li>}
            </ul>
          </>
        )}
      </Shown>
    </Tile>
  );
};

const RatedRow = ({ thing }: { thing: RatedThing }) => (
  <li className="line">
    <span className="grow clip">{thing.name || thing.id}</span>
    <span className="small soft num">{plural(thing.ratings, 'rating')}</span>
    <Average value={thing.average} />
  </li>
);
