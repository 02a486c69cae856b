import { two } from './two.ts';

/** Half of a cycle, so that arrows.test.ts sees a rule fail. */
export const one = (): number => two() + 1;
