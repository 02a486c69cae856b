import { queryAbandonment, queryRemovedProducts } from '../../schemas/api/abandonment.ts';
import { queryAttribution } from '../../schemas/api/attribution.ts';
import { getDiscountReport } from '../../schemas/api/discounts.ts';
import {
  listFunnelPersons,
  queryFunnel,
  queryFunnelCorrelation,
  queryFunnelTiming,
  queryFunnelTrend,
} from '../../schemas/api/funnels.ts';
import { getOverview, listEventNames } from '../../schemas/api/overview.ts';
import { listPathPersons, queryPaths } from '../../schemas/api/paths.ts';
import { listPersonEvents, listPersons } from '../../schemas/api/people.ts';
import { getPerson } from '../../schemas/api/profile.ts';
import { reportSearchToRating } from '../../schemas/api/reports.ts';
import { queryLifecycle, queryRetention } from '../../schemas/api/retention.ts';
import { listRunning } from '../../schemas/api/running.ts';
import { queryTrend } from '../../schemas/api/trends.ts';
import { queryRfm, queryValue } from '../../schemas/api/value.ts';
import { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Http } from '../platform/http/serve.ts';
import type { Platform } from '../platform/platform.ts';
import { createAsk, type Question, type Source } from '../questions/ask.ts';
import { questions } from '../questions/questions.ts';
import { runningQuestions } from '../questions/running.ts';
import { serveQuestions } from './segments.ts';

/** As RFC 9211 says it. */
const cacheStatus: Record<Source, string> = {
  kept: 'desirepath; hit',
  together: 'desirepath; fwd=uri-miss; collapsed',
  engine: 'desirepath; fwd=uri-miss',
};

/** Answers a question of a site over HTTP. */
export type AnswerQuestion = <Query, Answer extends object>(
  question: Question<Query, Answer>,
  siteId: string,
  query: Query,
  http: Http,
) => Promise<Answer>;

/** One line a route: which question answers it. `answer` is for questions that are asked elsewhere. */
export const mountQuestions = (platform: Platform): { answer: AnswerQuestion; close(): void } => {
  const { warehouse, definitions, clock } = platform;
  const serve = serveQuestions(platform);
  const { ask, close } = createAsk({ warehouse, now: () => clock.now() });

  const answer: AnswerQuestion = async (question, siteId, query, { reply, signal }) => {
    const site = await definitions.get('site', '', siteId, Site);
    if (site === null) throw new Failure('not_found', `There is no site ${siteId}.`);
    const { id, currency, timeZone } = site.document;
    const asked = await ask(question, { id, currency, timeZone }, query, signal);
    reply
      .header('cache-status', cacheStatus[asked.source])
      .header('age', String(Math.floor(asked.ageMilliseconds / 1000)));
    return asked.answer;
  };

  serve(queryFunnel, ({ params, body }, http) => answer(questions.funnel, params.site, body, http));
  serve(listFunnelPersons, ({ params, body }, http) => answer(questions.funnelPersons, params.site, body, http));
  serve(queryFunnelCorrelation, ({ params, body }, http) =>
    answer(questions.funnelCorrelation, params.site, body, http),
  );
  serve(queryFunnelTiming, ({ params, body }, http) => answer(questions.funnelTiming, params.site, body, http));
  serve(queryFunnelTrend, ({ params, body }, http) => answer(questions.funnelTrend, params.site, body, http));
  serve(queryAbandonment, ({ params, body }, http) => answer(questions.abandonment, params.site, body, http));
  serve(queryRemovedProducts, ({ params, body }, http) => answer(questions.removedProducts, params.site, body, http));
  serve(reportSearchToRating, ({ params, body }, http) => answer(questions.searchToRating, params.site, body, http));
  serve(getDiscountReport, ({ params, query }, http) => answer(questions.discountReport, params.site, query, http));
  serve(queryTrend, ({ params, body }, http) => answer(questions.trend, params.site, body, http));
  serve(queryPaths, ({ params, body }, http) => answer(questions.paths, params.site, body, http));
  serve(listPathPersons, ({ params, body }, http) => answer(questions.pathPersons, params.site, body, http));
  serve(queryRetention, ({ params, body }, http) => answer(questions.retention, params.site, body, http));
  serve(queryLifecycle, ({ params, body }, http) => answer(questions.lifecycle, params.site, body, http));
  serve(queryValue, ({ params, body }, http) => answer(questions.value, params.site, body, http));
  serve(queryRfm, ({ params, body }, http) => answer(questions.rfm, params.site, body, http));
  serve(queryAttribution, ({ params, body }, http) => answer(questions.attribution, params.site, body, http));
  serve(listEventNames, ({ params }, http) => answer(questions.eventNames, params.site, {}, http));
  serve(getOverview, ({ params, query }, http) => answer(questions.overview, params.site, query, http));
  serve(listPersons, ({ params, query }, http) => answer(questions.persons, params.site, query, http));
  serve(getPerson, ({ params }, http) => answer(questions.person, params.site, params, http));
  serve(listPersonEvents, ({ params, query }, http) =>
    answer(questions.timeline, params.site, { ...query, id: params.id }, http),
  );
  serve(listRunning, ({ params }) => runningQuestions(warehouse, params.site));
  return { answer, close };
};
