import { queryAbandonment } from '../../schemas/api/abandonment.ts';
import { queryFunnel } from '../../schemas/api/funnels.ts';
import { getOverview, listEventNames } from '../../schemas/api/overview.ts';
import { getPerson, listPersonEvents, listPersons } from '../../schemas/api/people.ts';
import { queryTrend } from '../../schemas/api/trends.ts';
import { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { abandonment } from '../questions/abandonment/abandonment.ts';
import { eventNames } from '../questions/event-names.ts';
import { funnel } from '../questions/funnels/funnel.ts';
import { overview } from '../questions/overview.ts';
import { personProfile, persons } from '../questions/people/profile.ts';
import { timeline } from '../questions/people/timeline.ts';
import { trend } from '../questions/trends.ts';

/** One line a route: which question answers it. */
export const mountQuestions = ({ serve, warehouse, definitions, clock }: Platform): void => {
  const siteOf = async (id: string): Promise<Site> => {
    const site = await definitions.get('site', '', id, Site);
    if (site === null) throw new Failure('not_found', `There is no site ${id}.`);
    return site.document;
  };
  const now = () => ({ now: clock.now() });

  serve(queryFunnel, async ({ params, body }) => funnel(warehouse, await siteOf(params.site), body, now()));
  serve(queryAbandonment, async ({ params, body }) => abandonment(warehouse, await siteOf(params.site), body, now()));
  serve(queryTrend, async ({ params, body }) => trend(warehouse, await siteOf(params.site), body, now()));
  serve(listEventNames, async ({ params }) => eventNames(warehouse, await siteOf(params.site), {}, now()));
  serve(getOverview, async ({ params, query }) => overview(warehouse, await siteOf(params.site), query, now()));
  serve(listPersons, async ({ params, query }) => persons(warehouse, await siteOf(params.site), query, now()));
  serve(getPerson, async ({ params }) => personProfile(warehouse, await siteOf(params.site), params, now()));
  serve(listPersonEvents, async ({ params, query }) =>
    timeline(warehouse, await siteOf(params.site), { ...query, id: params.id }, now()),
  );
};
