import { z } from 'zod';
import { SiteId } from '../primitives.ts';
import { defineRoute } from './route.ts';

export const RunningAnswer = z.object({
  queries: z.array(
    z.object({
      id: z.string(),
      /** What was asked, e.g. `funnel`. */
      question: z.string(),
      seconds: z.number(),
      rowsRead: z.number().int(),
      /** That it will read, as far as is known by now: it grows while a question has further parts to come. */
      rowsTotal: z.number().int(),
      memoryBytes: z.number().int(),
    }),
  ),
});
export type RunningAnswer = z.infer<typeof RunningAnswer>;

export const listRunning = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/queries',
  summary: 'Questions about the site that are being answered, and how far they are; hanging up stops one',
  access: 'viewer',
  params: z.object({ site: SiteId }),
  answer: RunningAnswer,
});
