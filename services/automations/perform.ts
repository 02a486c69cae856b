import type { Action } from '../../schemas/action.ts';
import { Failure } from '../platform/failure.ts';
import type { Lease } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { createMails } from './channels/mails.ts';
import type { Outcome } from './channels/outcome.ts';
import { createWebhooks } from './channels/webhooks.ts';
import { createCheck } from './check.ts';
import { afterCrash, type Ledger } from './ledger.ts';

/** Looked at longer ago than this, e.g. because a slow mail server kept it waiting, an action is looked at again before it leaves. */
const goodMilliseconds = 10_000;

/**
 * Does one action, from whatever phase it was left in. The ledger is written before each effect that it announces. The lease is asked before each row,
 * and after `handing-over`, last before the mail leaves: a performer that was stopped in between and has lost its partition sends nothing, and who has
 * taken over either saw no `handing-over` or shows the action as uncertain.
 */
export const createPerform = (
  platform: Platform,
  ledger: Ledger,
): ((action: Action, lease: Lease) => Promise<Outcome>) => {
  const { clock, outbox } = platform;
  const check = createCheck(platform);
  const mails = createMails(platform, ledger);
  const webhooks = createWebhooks(platform, ledger);

  /** A mail once lost sight of is in the outbox or not; a webhook's receiver knows what came before by its id. */
  const isRepeatable = ({ kind }: Action): boolean => kind === 'webhook' || outbox !== null;

  /** A webhook is no word to the person. */
  const tell = async (action: Action): Promise<Outcome> => (action.kind === 'email' ? mails.tell(action) : 'done');

  const fromHere = async (action: Action, lease: Lease): Promise<Outcome> => {
    const standing = await ledger.standing(action);
    const sequence = standing?.sequence ?? 0;
    switch (afterCrash(standing?.phase ?? null, isRepeatable(action))) {
      case 'leave':
        return 'done';
      case 'report-sent':
        return tell(action);
      case 'mark-uncertain':
        await ledger.record(action, 'uncertain', sequence + 1, 'we stopped while the mail server had it');
        return 'done';
      default: {
        const goodUntil = clock.now() + goodMilliseconds;
        const checked = await check(action);
        if (checked.kind === 'ready') {
          const { step, ...ready } = checked.ready;
          const stands = async () => clock.now() < goodUntil || (await check(action)).kind === 'ready';
          return step.kind === 'email'
            ? await mails.send({ action, ...ready, step, stands }, sequence, lease)
            : await webhooks.send({ action, ...ready, step, stands }, sequence, lease);
        }
        // A mail that lies in the outbox was sent, whatever has happened since.
        if (outbox !== null && (await outbox.read(action.site, action.id)) !== null) {
          await ledger.record(action, 'sent', sequence + 1, 'found in the outbox');
          return tell(action);
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
