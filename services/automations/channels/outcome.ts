import type { Action } from '../../../schemas/action.ts';
import type { Automation } from '../../../schemas/automation.ts';
import type { Site } from '../../../schemas/site.ts';
import { Failure } from '../../platform/failure.ts';
import type { Lease } from '../../platform/log/log.ts';

/**
 * `retry`: the other side said "not now", or the warehouse is away; nothing was sent, and the ledger has it as unfinished. `untold`: it was sent, which the ledger says, and no event tells of it
 * yet.
 */
export type Outcome = 'done' | 'retry' | 'untold';

/** An action, and all that it is made of. */
export type Order<Step> = {
  action: Action;
  automation: Automation;
  step: Step;
  site: Site;
  /** Whether it is to be done still: looked at again if the last look is not of just now. */
  stands(): Promise<boolean>;
};

/** @throws Failure `unavailable`: another performer may have the action by now */
export const checkHeld = (lease: Lease): void => {
  if (!lease.isHeld()) throw new Failure('unavailable', 'The action may be another performer’s by now.');
};

/** Last before it leaves. @throws Failure `unavailable`: by now something speaks against it, and the next try finds out what */
export const checkStands = async ({ stands }: Pick<Order<unknown>, 'stands'>): Promise<void> => {
  if (!(await stands())) throw new Failure('unavailable', 'Something has changed while the action waited.');
};
