import type { Platform } from '../platform/platform.ts';
import { startPerformer } from './performer.ts';
import { startPlanner } from './planner.ts';

/** Answers become actions: the planner asks who is due and puts actions on the log, the performer does each once. */
export const start = async (platform: Platform): Promise<{ close(): Promise<void> }> => {
  const performer = await startPerformer(platform);
  const planner = startPlanner(platform);
  return {
    close: async () => {
      await planner.close();
      await performer.close();
    },
  };
};
