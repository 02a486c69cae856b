import {
  createSegment,
  deleteSegment,
  getSegment,
  listSegmentPersons,
  listSegments,
  listSegmentVersions,
  previewSegment,
  putSegment,
  type SegmentAnswer,
} from '../../schemas/api/segments.ts';
import { Segment } from '../../schemas/segment.ts';
import { Site } from '../../schemas/site.ts';
import type { Definition } from '../platform/definitions.ts';
import { Failure } from '../platform/failure.ts';
import type { Serve } from '../platform/http/serve.ts';
import type { Platform } from '../platform/platform.ts';
import { tryPatterns } from '../questions/patterns.ts';
import { questions } from '../questions/questions.ts';
import { resolveConditions, resolvePeople, type SegmentSource } from '../questions/segments/resolve.ts';
import type { AnswerQuestion } from './questions.ts';
import { createSaved } from './saved.ts';
import { refuseIfUsed } from './segment-users.ts';

type Deps = Pick<Platform, 'definitions' | 'clock'>;

/** The segments of a site, as saved now. */
const sourceOf = async ({ definitions, clock }: Deps, id: string): Promise<SegmentSource> => {
  const site = await definitions.get('site', '', id, Site);
  if (site === null) throw new Failure('not_found', `There is no site ${id}.`);
  return {
    site: site.document,
    find: async (segment) => (await definitions.get('segment', id, segment, Segment))?.document ?? null,
    now: clock.now(),
  };
};

/** `serve` for questions: conditions on persons are resolved before they are asked. */
export const serveQuestions =
  ({ serve, ...deps }: Deps & { serve: Serve }): Serve =>
  (route, handler) =>
    serve(route, async (input, http) => {
      const { site } = http.request.params as { site: string };
      return handler({ ...input, body: await resolveConditions(input.body, await sourceOf(deps, site)) }, http);
    });

const shown = ({ id, version, changedAt, document }: Definition<Segment>): SegmentAnswer => ({
  id,
  version,
  changedAt,
  segment: document,
});

/** Segments: saved, every version kept; previewed; their people listed. */
export const mountSegments = (platform: Platform, answer: AnswerQuestion): void => {
  const { serve, definitions, warehouse } = platform;
  const saved = createSaved(definitions, 'segment', Segment);
  const source = (site: string) => sourceOf(platform, site);

  serve(listSegments, async ({ params }) => ({ segments: (await saved.list(params.site)).map(shown) }));
  serve(createSegment, async ({ params, body }) => {
    await resolvePeople(body.is, await source(params.site));
    await tryPatterns(warehouse, body);
    return shown(await saved.create(params.site, body));
  });
  serve(getSegment, async ({ params }) => shown(await saved.one(params.site, params.id)));
  serve(putSegment, async ({ params, body }, { request }) => {
    await resolvePeople(body.is, await source(params.site), params.id);
    await tryPatterns(warehouse, body);
    return shown(await saved.change(params.site, params.id, body, request));
  });
  serve(deleteSegment, async ({ params }) => {
    await refuseIfUsed(definitions, params.site, params.id);
    return saved.remove(params.site, params.id);
  });
  serve(listSegmentVersions, async ({ params }) => ({
    versions: (await saved.versions(params.site, params.id)).map(shown),
  }));

  serve(previewSegment, async ({ params, body }, http) => {
    const people = await resolvePeople(body.is, await source(params.site));
    return answer(questions.segmentPreview, params.site, { people, limit: body.limit }, http);
  });
  serve(listSegmentPersons, async ({ params, query }, http) => {
    const { document } = await saved.one(params.site, params.id);
    const people = await resolvePeople(document.is, await source(params.site), params.id);
    return answer(questions.segmentPersons, params.site, { people, ...query }, http);
  });
};
