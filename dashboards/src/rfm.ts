import type { RfmClass } from '../../schemas/rfm.ts';

/** Classes of buyers in a marketer's words, the best first. */
export const rfmNames: Readonly<Record<RfmClass, string>> = {
  champions: 'Champions',
  loyal: 'Loyal',
  potentialLoyalists: 'Potential loyalists',
  newCustomers: 'New customers',
  promising: 'Promising',
  needAttention: 'Need attention',
  aboutToSleep: 'About to sleep',
  atRisk: 'At risk',
  cannotLose: 'Cannot lose',
  hibernating: 'Hibernating',
  lost: 'Lost',
};
export const rfmClasses = Object.keys(rfmNames) as RfmClass[];
