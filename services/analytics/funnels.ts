import { randomUUID } from 'node:crypto';
import { createFunnel, deleteFunnel, listFunnels, SavedFunnel } from '../../schemas/api/administration.ts';
import type { Definition } from '../platform/definitions.ts';
import type { Platform } from '../platform/platform.ts';

const shown = ({ id, version, changedAt, document }: Definition<SavedFunnel>) => ({
  id,
  version,
  changedAt,
  funnel: document,
});

/** Saved funnels: steps and options under a name; every version is kept. */
export const mountSavedFunnels = ({ serve, definitions }: Platform): void => {
  serve(listFunnels, async ({ params }) => {
    const funnels = await definitions.list('funnel', params.site, SavedFunnel);
    return { funnels: funnels.map(shown) };
  });
  serve(createFunnel, async ({ params, body }) =>
    shown(await definitions.put('funnel', params.site, randomUUID(), body, { author: 'admin', expectedVersion: 0 })),
  );
  serve(deleteFunnel, async ({ params }) => {
    await definitions.remove('funnel', params.site, params.id, 'admin');
    return { id: params.id };
  });
};
