import type { Action } from '../../schemas/action.ts';
import { type ActingStep, type Automation, actingSteps, StoredAutomation } from '../../schemas/automation.ts';
import { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Lease } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { standsStill } from '../questions/due/due.ts';
import { createMails } from './channels/mails.ts';
import type { Outcome } from './channels/outcome.ts';
import { createWebhooks } from './channels/webhooks.ts';
import { isSinkBehind } from './freshness.ts';
import { afterCrash, createLedger } from './ledger.ts';
import { askedOf } from './planner.ts';
import { sceneOf } from './scene.ts';

type Ready = { automation: Automation; step: ActingStep; site: Site };
type Check =
  | { kind: 'ready'; ready: Ready }
  | { kind: 'wait' }
  | { kind: 'no'; phase: 'held' | 'skipped'; reason: string };

/** Rules that keep something from a person, as the ledger words them; the other reasons say that there is nothing to say any more. */
const heldBack: Readonly<Record<string, string>> = {
  suppressed: 'suppressed: this address must not be written to',
  'no-consent': 'no-consent',
  holdout: 'holdout',
};

const no = (phase: 'held' | 'skipped', reason: string): Check => ({ kind: 'no', phase, reason });

/**
 * Does one action, from whatever phase it was left in. The ledger is written before each effect that it announces. The lease is asked before each row,
 * and after `handing-over`, last before the mail leaves: a performer that was stopped in between and has lost its partition sends nothing, and who has
 * taken over either saw no `handing-over` or shows the action as uncertain.
 */
export const createPerform = (platform: Platform): ((action: Action, lease: Lease) => Promise<Outcome>) => {
  const { warehouse, definitions, clock, outbox, log } = platform;
  const ledger = createLedger({ warehouse, now: clock.now });
  const mails = createMails(platform, ledger);
  const webhooks = createWebhooks(platform, ledger);

  /** A mail once lost sight of is in the outbox or not; a webhook's receiver knows what came before by its id. */
  const isRepeatable = ({ kind }: Action): boolean => kind === 'webhook' || outbox !== null;

  /** A webhook is no word to the person. */
  const tell = async (action: Action): Promise<void> => {
    if (action.kind === 'email') await mails.tell(action);
  };

  /** Asked at the moment of sending: much may have happened since it was planned. */
  const check = async (action: Action): Promise<Check> => {
    const site = await definitions.get('site', '', action.site, Site);
    const automation = await definitions.get('automation', action.site, action.automation, StoredAutomation);
    if (site === null || automation === null || !automation.document.enabled)
      return no('skipped', 'the automation is off');
    const step = actingSteps(automation.document.steps).find(({ id }) => id === action.stepId);
    if (step === undefined) return no('skipped', 'the automation has no such step any more');
    if (await isSinkBehind(log, clock)) return { kind: 'wait' };
    const scene = await sceneOf(platform, site.document);
    const verdict = await standsStill(warehouse, scene, askedOf(action.site, automation), {
      action,
      step,
      now: clock.now(),
    });
    if (verdict.kind === 'no') {
      const held = heldBack[verdict.reason];
      return held === undefined ? no('skipped', verdict.reason) : no('held', held);
    }
    if (verdict.kind === 'wait') return verdict;
    return { kind: 'ready', ready: { automation: automation.document, step, site: site.document } };
  };

  const fromHere = async (action: Action, lease: Lease): Promise<Outcome> => {
    const standing = await ledger.standing(action);
    const sequence = standing?.sequence ?? 0;
    switch (afterCrash(standing?.phase ?? null, isRepeatable(action))) {
      case 'leave':
        return 'done';
      case 'report-sent':
        await tell(action);
        return 'done';
      case 'mark-uncertain':
        await ledger.record(action, 'uncertain', sequence + 1, 'we stopped while the mail server had it');
        return 'done';
      default: {
        const checked = await check(action);
        if (checked.kind === 'ready') {
          const { step, ...ready } = checked.ready;
          return step.kind === 'email'
            ? await mails.send({ action, ...ready, step }, sequence, lease)
            : await webhooks.send({ action, ...ready, step }, sequence, lease);
        }
        // A mail that lies in the outbox was sent, whatever has happened since.
        if (outbox !== null && (await outbox.read(action.site, action.id)) !== null) {
          await ledger.record(action, 'sent', sequence + 1, 'found in the outbox');
          await tell(action);
          return 'done';
        }
        if (checked.kind === 'wait') return 'retry';
        await ledger.record(action, checked.phase, sequence + 1, checked.reason);
        return 'done';
      }
    }
  };

  return async (action, lease) => {
    try {
      return await fromHere(action, lease);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code !== 'bad_request') return 'retry';
      // The template or the address is at fault: said in the ledger, where whoever wrote it looks.
      const standing = await ledger.standing(action);
      await ledger.record(action, 'failed', (standing?.sequence ?? 0) + 1, error.message);
      return 'done';
    }
  };
};
