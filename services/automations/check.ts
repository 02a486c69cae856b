import type { Action } from '../../schemas/action.ts';
import { type ActingStep, type Automation, actingSteps, StoredAutomation } from '../../schemas/automation.ts';
import { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { standStill } from '../questions/due/stands-still.ts';
import { askedOf } from './asked.ts';
import { createIsSinkBehind } from './freshness.ts';
import { createGathered } from './gathered.ts';
import { sceneOf } from './scene.ts';

type Ready = { automation: Automation; step: ActingStep; site: Site };
export type Check =
  | { kind: 'ready'; ready: Ready }
  | { kind: 'wait' }
  | { kind: 'no'; phase: 'held' | 'skipped'; reason: string };

/** Rules that keep something from a person, as the ledger words them; the other reasons say that there is nothing to say any more. */
const heldBack: Readonly<Record<string, string>> = {
  suppressed: 'suppressed: this address must not be written to',
  'no-consent': 'no-consent',
  holdout: 'holdout',
};

const skipped = (reason: string): Check => ({ kind: 'no', phase: 'skipped', reason });
const refused = (reason: string): Check => {
  const held = heldBack[reason];
  return held === undefined ? skipped(reason) : { kind: 'no', phase: 'held', reason: held };
};

/** Actions of an automation that are looked at together: their ids travel in the address of a question. */
const mostTogether = 500;
/** Some five questions, which cost about the same for one action as for a hundred. */
const checkMilliseconds = 300;

/**
 * Whether an action is to be done, asked at the moment of sending: much may have happened since it was planned. Actions of one automation that are at this point at about the same time are
 * asked about together.
 */
export const createCheck = (platform: Platform): ((action: Action) => Promise<Check>) => {
  const { warehouse, definitions, clock } = platform;
  const isSinkBehind = createIsSinkBehind(platform);

  const checkAll = async (actions: readonly Action[]): Promise<Check[]> => {
    const [first] = actions;
    if (first === undefined) return [];
    const site = await definitions.get('site', '', first.site, Site);
    const automation = await definitions.get('automation', first.site, first.automation, StoredAutomation);
    if (site === null || automation === null || !automation.document.enabled)
      return actions.map(() => skipped('the automation is off'));
    const steps = new Map(actingSteps(automation.document.steps).map((step) => [step.id, step]));
    const planned = actions.flatMap((action) => {
      const step = steps.get(action.stepId);
      return step === undefined ? [] : [{ action, step }];
    });
    const isBehind = planned.length > 0 && (await isSinkBehind());
    const asked = askedOf(first.site, automation);
    const verdicts =
      isBehind || planned.length === 0
        ? []
        : await standStill(warehouse, await sceneOf(platform, site.document), asked, { planned, now: clock.now() });
    const byAction = new Map(planned.map(({ action, step }, index) => [action, { step, verdict: verdicts[index] }]));
    return actions.map((action): Check => {
      const found = byAction.get(action);
      if (found === undefined) return skipped('the automation has no such step any more');
      const { step, verdict } = found;
      if (verdict === undefined || verdict.kind === 'wait') return { kind: 'wait' };
      if (verdict.kind === 'no') return refused(verdict.reason);
      return { kind: 'ready', ready: { automation: automation.document, step, site: site.document } };
    });
  };

  return createGathered({
    work: checkAll,
    paceMilliseconds: checkMilliseconds,
    most: mostTogether,
    by: ({ site, automation }) => JSON.stringify([site, automation]),
    // Somebody may have more events than a question may read: the others get their mails.
    isOneAtFault: (error) => error instanceof Failure && error.code === 'query_limit',
  });
};
