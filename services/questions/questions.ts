import type { Funnel } from '../../schemas/api/funnel-definition.ts';
import { isPersonal } from '../../schemas/api/funnel-rules.ts';
import type { FunnelAnswer, FunnelCorrelationQuery } from '../../schemas/api/funnels.ts';
import { isOfPerson } from '../../schemas/filters.ts';
import type { Range } from '../../schemas/primitives.ts';
import { abandonment } from './abandonment/abandonment.ts';
import { removedProducts } from './abandonment/removed.ts';
import type { Question } from './ask.ts';
import { attribution } from './attribution/attribution.ts';
import { discountReport } from './discounts/report.ts';
import { eventNames } from './event-names.ts';
import type { Span } from './fingerprint.ts';
import { funnelCorrelation } from './funnels/correlation.ts';
import { funnel } from './funnels/funnel.ts';
import { funnelPersons } from './funnels/persons.ts';
import { funnelTiming } from './funnels/timing.ts';
import { funnelTrend } from './funnels/trend.ts';
import { overview } from './overview.ts';
import { paths } from './paths/paths.ts';
import { pathPersons } from './paths/persons.ts';
import { scopeOf } from './paths/walkers.ts';
import { persons } from './people/persons.ts';
import { personProfile } from './people/profile.ts';
import { timeline } from './people/timeline.ts';
import { lifecycle } from './retention/lifecycle.ts';
import { retention } from './retention/retention.ts';
import { searchToRating } from './search-to-rating/search-to-rating.ts';
import { segmentPersons, segmentPreview } from './segments/members.ts';
import { trend } from './trends/trends.ts';
import { rfmClasses } from './value/classes.ts';
import { lifetimeValue } from './value/lifetime.ts';

const question = <Query, Answer extends object>(value: Question<Query, Answer>): Question<Query, Answer> => value;

const rangeOf = ({ from, to }: Range): Span => ({ from: Date.parse(from), to: Date.parse(to) });
/** Of the range and of the one that it is compared with. */
const comparedSpan = ({ compareTo, ...range }: Range & { compareTo?: Range | undefined }): Span => {
  const spans = [range, ...(compareTo === undefined ? [] : [compareTo])].map(rangeOf);
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
};
/** The answer does not speak of the present. */
const always = (): number => Number.POSITIVE_INFINITY;

/** Open ends are as of now, unless the query says of when. */
const asOfHolds = ({ asOf }: { asOf?: string | undefined }): number | null => (asOf === undefined ? null : always());

/** Later steps lie up to a window after the range. What was done for the first time, and what is known of a person, lies in all of history. */
const funnelSpan = ({ compareTo, ...query }: Funnel & { compareTo?: Range | undefined }): Span | null => {
  const isOfHistory =
    query.steps.some(({ firstEver, firstMatching }) => firstEver === true || firstMatching === true) ||
    (query.breakdown !== undefined && isPersonal(query.breakdown));
  if (isOfHistory) return null;
  const { from, to } = comparedSpan({ from: query.from, to: query.to, compareTo });
  return { from, to: to + query.windowSeconds * 1000 };
};
const correlationSpan = (query: FunnelCorrelationQuery): Span | null =>
  query.of === 'properties' && query.properties.some(isOfPerson) ? null : funnelSpan(query);
/** Time changes it only where windows still run. */
const funnelHolds = ({ steps, breakdown, comparison }: FunnelAnswer): number | null =>
  [steps, comparison?.steps ?? [], ...(breakdown ?? []).map((row) => row.steps)]
    .flat()
    .some(({ pending }) => pending > 0)
    ? null
    : always();

/** The present cuts intervals short, up to the end of what is asked for. */
const trendHolds = (query: Parameters<typeof comparedSpan>[0], askedAt: number): number | null =>
  askedAt >= comparedSpan(query).to ? always() : null;

/** Every question that is asked over HTTP, with what is known of its answers. To add one is one entry here and one line in analytics/questions.ts. */
export const questions = {
  funnel: question({ name: 'funnel', answer: funnel, span: funnelSpan, holdsUntil: funnelHolds }),
  // Codes are no events: that one was issued or redeemed is not seen in what is kept.
  discountReport: question({ name: 'discount-report', answer: discountReport, isKept: false }),
  // Personal, and asked once.
  funnelPersons: question({ name: 'funnel-persons', answer: funnelPersons, isKept: false }),
  funnelCorrelation: question({
    name: 'funnel-correlation',
    answer: funnelCorrelation,
    span: correlationSpan,
    holdsUntil: ({ pending }) => (pending > 0 ? null : always()),
  }),
  funnelTiming: question({ name: 'funnel-timing', answer: funnelTiming, span: funnelSpan, holdsUntil: always }),
  funnelTrend: question({
    name: 'funnel-trend',
    answer: funnelTrend,
    span: funnelSpan,
    holdsUntil: ({ points }) => (points.some(({ pending }) => pending > 0) ? null : always()),
  }),
  // Whose a basket is may be known from any of the person's events: all of the site's.
  abandonment: question({ name: 'abandonment', answer: abandonment, holdsUntil: (_, query) => asOfHolds(query) }),
  removedProducts: question({
    name: 'removed-products',
    answer: removedProducts,
    holdsUntil: (_, query) => asOfHolds(query),
  }),
  trend: question({
    name: 'trend',
    answer: trend,
    span: comparedSpan,
    holdsUntil: (_, ...asked) => trendHolds(...asked),
  }),
  paths: question({
    name: 'paths',
    answer: paths,
    span: scopeOf,
    holdsUntil: ({ nodes }) => (nodes.some(({ pending }) => pending > 0) ? null : always()),
  }),
  pathPersons: question({ name: 'path-persons', answer: pathPersons, isKept: false }),
  // Who comes for the first time is known from all of history.
  retention: question({ name: 'retention', answer: retention }),
  lifecycle: question({ name: 'lifecycle', answer: lifecycle }),
  searchToRating: question({
    name: 'search-to-rating',
    answer: searchToRating,
    holdsUntil: (_, query) => asOfHolds(query),
  }),
  value: question({ name: 'value', answer: lifetimeValue }),
  // Money goes back long after the range: they are about all of the site's events, and not about the present.
  rfm: question({ name: 'rfm', answer: rfmClasses, holdsUntil: always }),
  attribution: question({ name: 'attribution', answer: attribution, holdsUntil: always }),
  eventNames: question({ name: 'event-names', answer: eventNames }),
  overview: question({ name: 'overview', answer: overview }),
  segmentPreview: question({ name: 'segment-preview', answer: segmentPreview, isKept: false }),
  segmentPersons: question({ name: 'segment-persons', answer: segmentPersons, isKept: false }),
  persons: question({ name: 'persons', answer: persons, isKept: false }),
  person: question({ name: 'person', answer: personProfile, isKept: false }),
  timeline: question({ name: 'timeline', answer: timeline, isKept: false }),
};
