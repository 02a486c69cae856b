import type { RunningAnswer } from '../../schemas/api/running.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';

/** What the engine works on for a site, whichever process asked it (ask.ts names them). */
export const runningQuestions = async (warehouse: Warehouse, site: string): Promise<RunningAnswer> => {
  const running = await warehouse.running(`${site}/`);
  return {
    queries: running.map(({ name, ...figures }) => {
      const [, question = '', id = ''] = name.split('/');
      return { id, question, ...figures };
    }),
  };
};
