import type { ContactRules } from '../../../schemas/contact-rules.ts';
import type { Criterion, People } from '../../../schemas/segment.ts';

/** What is known of a site apart from its events. */
export type Scene = {
  site: { id: string; currency: string; timeZone: string; holdoutPercent: number };
  rules: ContactRules;
  /** A criterion with the segments in it written out. */
  peopleOf(criterion: Criterion): Promise<People>;
  /** Filters on events, with what their conditions on persons are about. */
  resolved<Filters>(filters: Filters): Promise<Filters>;
};
