import {
  createFunnel,
  deleteFunnel,
  getFunnel,
  listFunnels,
  listFunnelVersions,
  putFunnel,
  SavedFunnel,
} from '../../schemas/api/administration.ts';
import type { Definition } from '../platform/definitions.ts';
import type { Platform } from '../platform/platform.ts';
import { tryPatterns } from '../questions/patterns.ts';
import { createSaved } from './saved.ts';

const shown = ({ id, version, changedAt, document }: Definition<SavedFunnel>) => ({
  id,
  version,
  changedAt,
  funnel: document,
});

/** Saved funnels: steps and options under a name; every version is kept. */
export const mountSavedFunnels = ({ serve, definitions, warehouse }: Platform): void => {
  const saved = createSaved(definitions, 'funnel', SavedFunnel);
  serve(listFunnels, async ({ params }) => ({ funnels: (await saved.list(params.site)).map(shown) }));
  serve(createFunnel, async ({ params, body }) => {
    await tryPatterns(warehouse, body);
    return shown(await saved.create(params.site, body));
  });
  serve(getFunnel, async ({ params }) => shown(await saved.one(params.site, params.id)));
  serve(putFunnel, async ({ params, body }, { request }) => {
    await tryPatterns(warehouse, body);
    return shown(await saved.change(params.site, params.id, body, request));
  });
  serve(deleteFunnel, async ({ params }) => saved.remove(params.site, params.id));
  serve(listFunnelVersions, async ({ params }) => ({
    versions: (await saved.versions(params.site, params.id)).map(shown),
  }));
};
