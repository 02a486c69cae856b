import { serveDashboards } from '../platform/http/static.ts';
import type { Platform } from '../platform/platform.ts';
import { mountSavedFunnels } from './funnels.ts';
import { mountLive } from './live.ts';
import { mountQuestions } from './questions.ts';
import { mountSegments } from './segments.ts';
import { mountSession } from './session.ts';
import { mountSites } from './sites.ts';

const dashboards = new URL('../../dashboards/dist', import.meta.url).pathname;

/** The questions over HTTP, and the dashboards' files. */
export const start = async (platform: Platform): Promise<{ close(): Promise<void> }> => {
  mountSession(platform);
  mountSites(platform);
  mountSavedFunnels(platform);
  const questions = mountQuestions(platform);
  mountSegments(platform, questions.answer);
  const live = mountLive(platform);
  await serveDashboards(platform.http.app, dashboards);
  return {
    close: async () => {
      live.close();
      questions.close();
    },
  };
};
