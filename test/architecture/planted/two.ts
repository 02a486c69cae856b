import { one } from './one.ts';

export const two = (): number => (Math.random() > 2 ? one() : 1);
