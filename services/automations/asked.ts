import type { Automation } from '../../schemas/automation.ts';
import type { Definition } from '../platform/definitions.ts';
import type { Asked } from '../questions/due/facts.ts';
import { actionId } from './action-id.ts';

/** What names the actions of an automation. */
export const askedOf = (site: string, { id, document }: Pick<Definition<Automation>, 'id' | 'document'>): Asked => ({
  id,
  document,
  actionIdOf: ({ userId, occasion }, stepId) => actionId({ site, automation: id, userId, occasion, stepId }),
});
