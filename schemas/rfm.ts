import { z } from 'zod';

/** Buyers by how lately (R) and how often (F) they bought; docs/value.md has the table. */
export const RfmClass = z.enum([
  'champions',
  'loyal',
  'potentialLoyalists',
  'newCustomers',
  'promising',
  'needAttention',
  'aboutToSleep',
  'atRisk',
  'cannotLose',
  'hibernating',
  'lost',
]);
export type RfmClass = z.infer<typeof RfmClass>;
