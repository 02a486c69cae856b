import type { Action } from '../../schemas/action.ts';
import { Automation } from '../../schemas/automation.ts';
import { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Lease } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { createTokens } from '../platform/tokens.ts';
import { abandonedBaskets } from '../questions/abandonment/abandonment.ts';
import { occasionOf, suppressedAmong } from '../questions/due/due.ts';
import { isHeldOut } from '../questions/due/holdout.ts';
import { addressee } from '../questions/people/addressee.ts';
import { composeMail } from './channels/email.ts';
import { createDiscounts } from './discounts.ts';
import { isSinkBehind } from './freshness.ts';
import { afterCrash, createLedger } from './ledger.ts';
import { emailSent } from './told.ts';

/** `retry`: the mail server said "not now", or the warehouse is away; nothing was sent. */
export type Outcome = 'done' | 'retry';

type Ready = { automation: Automation; site: Site };
type Check =
  | { kind: 'ready'; ready: Ready }
  | { kind: 'wait' }
  | { kind: 'no'; phase: 'held' | 'skipped'; reason: string };

const no = (phase: 'held' | 'skipped', reason: string): Check => ({ kind: 'no', phase, reason });

/** @throws Failure `unavailable`: another performer may have the action by now */
const checkHeld = (lease: Lease): void => {
  if (!lease.isHeld()) throw new Failure('unavailable', 'The action may be another performer’s by now.');
};

/**
 * Does one action, from whatever phase it was left in. The ledger is written before each effect that it announces. The lease is asked before each row,
 * and after `handing-over`, last before the mail leaves: a performer that was stopped in between and has lost its partition sends nothing, and who has
 * taken over either saw no `handing-over` or shows the action as uncertain.
 */
export const createPerform = (platform: Platform): ((action: Action, lease: Lease) => Promise<Outcome>) => {
  const { warehouse, definitions, clock, mailer, outbox, config, http, log } = platform;
  const ledger = createLedger({ warehouse, now: clock.now });
  const tokens = createTokens(config.secretKey, clock);
  const discounts = createDiscounts({ warehouse, tokens, now: clock.now });

  /** Asked at the moment of sending: much may have happened since it was planned. */
  const check = async (action: Action): Promise<Check> => {
    const site = await definitions.get('site', '', action.site, Site);
    const automation = await definitions.get('automation', action.site, action.automation, Automation);
    if (site === null || automation === null || !automation.document.enabled)
      return no('skipped', 'the automation is off');
    const suppressed = await suppressedAmong(warehouse, action.site, [action.email]);
    if (suppressed.size > 0) return no('held', 'suppressed: this address must not be written to');
    if (await isSinkBehind(log, clock)) return { kind: 'wait' };
    const { trigger } = automation.document;
    const left = await abandonedBaskets(warehouse, site.document, {
      ...trigger,
      now: clock.now(),
      person: action.person,
    });
    if (!left.some((basket) => occasionOf(basket) === action.occasion))
      return no('skipped', 'the basket is not as it was: ordered, emptied, changed, or too old');
    const { holdoutPercent } = automation.document;
    if (isHeldOut(site.document, { id: action.automation, holdoutPercent }, action.userId))
      return no('held', 'holdout');
    return { kind: 'ready', ready: { automation: automation.document, site: site.document } };
  };

  const tell = async (
    action: Action,
    subject: string,
    automation: Automation | null,
    coupon: string,
  ): Promise<void> => {
    const name = automation?.name ?? action.automation;
    await log.append('events', [emailSent(action, { subject, campaignName: name, coupon, at: clock.now() })]);
  };

  const send = async (
    action: Action,
    { automation, site }: Ready,
    sequence: number,
    lease: Lease,
  ): Promise<Outcome> => {
    checkHeld(lease);
    await ledger.record(action, 'claimed', sequence + 1);
    const discount = automation.discount === undefined ? null : await discounts.issue(action, automation.discount);
    const to = await addressee(warehouse, action.site, action.person);
    const mail = composeMail(
      { tokens, publicUrl: http.publicUrl(), defaultFrom: config.mailFrom },
      { action, automation, site, to, discount },
    );
    const result = await mailer.send(mail, async () => {
      checkHeld(lease);
      await ledger.record(action, 'handing-over', sequence + 2);
      checkHeld(lease);
    });
    switch (result.kind) {
      case 'accepted':
        // Above what a performer that took over in the meantime writes (`uncertain`): it was sent, and we know.
        await ledger.record(action, 'sent', sequence + 4, result.response);
        await tell(action, mail.subject, automation, discount?.code ?? '');
        return 'done';
      case 'unknown':
        await ledger.record(action, 'uncertain', sequence + 3, result.reason);
        return 'done';
      case 'refused':
        await ledger.record(action, result.permanent ? 'failed' : 'claimed', sequence + 3, result.reason);
        return result.permanent ? 'done' : 'retry';
      default:
        return result satisfies never;
    }
  };

  const fromHere = async (action: Action, lease: Lease): Promise<Outcome> => {
    const standing = await ledger.standing(action);
    const sequence = standing?.sequence ?? 0;
    switch (afterCrash(standing?.phase ?? null, outbox !== null)) {
      case 'leave':
        return 'done';
      case 'report-sent':
        await tell(action, '', null, '');
        return 'done';
      case 'mark-uncertain':
        await ledger.record(action, 'uncertain', sequence + 1, 'we stopped while the mail server had it');
        return 'done';
      default: {
        const checked = await check(action);
        if (checked.kind === 'ready') return await send(action, checked.ready, sequence, lease);
        // A mail that lies in the outbox was sent, whatever has happened since.
        if (outbox !== null && (await outbox.read(action.site, action.id)) !== null) {
          await ledger.record(action, 'sent', sequence + 1, 'found in the outbox');
          await tell(action, '', null, '');
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
