import type { Action } from '../../../schemas/action.ts';
import type { ActingStep, EmailTemplate } from '../../../schemas/automation.ts';
import { Failure } from '../../platform/failure.ts';
import type { Lease } from '../../platform/log/log.ts';
import { mayPass } from '../../platform/mail/bounce.ts';
import type { Mail } from '../../platform/mail/mailer.ts';
import type { Platform } from '../../platform/platform.ts';
import { suppress } from '../../platform/suppressions.ts';
import { createTokens } from '../../platform/tokens.ts';
import { createIsWornOut } from '../bounces/worn-out.ts';
import { createDiscounts, type IssuedCode } from '../discounts.ts';
import type { Ledger } from '../ledger.ts';
import { sampleDiscount } from '../sample.ts';
import { contactRulesOf } from '../scene.ts';
import { emailReported, emailSent } from '../told.ts';
import { createDomainRate } from './domain-rate.ts';
import { composeMail, signedLinks } from './email.ts';
import { checkHeld, checkStands, type Order, type Outcome } from './outcome.ts';

type MailStep = Extract<ActingStep, { kind: 'email' }>;

/** The one of the step's mails that the person gets; the first where it is not there any more. */
const mailFor = (step: MailStep, { variant }: Action) => step.variants[variant - 1] ?? step.email;

/** Sends mails: the ledger is written before each effect that it announces. */
export const createMails = (platform: Platform, ledger: Ledger) => {
  const { warehouse, clock, mailer, config, http, log } = platform;
  const tokens = createTokens(config.secretKey, clock);
  const isWornOut = createIsWornOut({ warehouse, now: clock.now });
  const rate = createDomainRate(clock.now);
  const discounts = createDiscounts({ warehouse, tokens, now: clock.now });
  /** Templates that were written once: what is wrong with one is mostly wrong for all. */
  const drawn = new WeakSet<EmailTemplate>();

  const tell = async (
    action: Action,
    said?: { subject: string; campaignName: string; coupon: string },
  ): Promise<Outcome> => {
    const sent = said ?? { subject: '', campaignName: action.automation, coupon: '' };
    try {
      await log.append('events', [emailSent(action, { ...sent, at: clock.now() })]);
      return 'done';
    } catch (error) {
      if (error instanceof Failure) return 'untold';
      throw error;
    }
  };

  /** Where the server has no such mailbox, or one that takes nothing now. Told first: once the address is suppressed the mail is not tried again, and nobody would tell. */
  const returned = async (
    action: Action,
    { isBounce, reason }: { isBounce: boolean; reason: string },
    said: { subject: string; campaignName: string },
  ): Promise<void> => {
    if (!isBounce && !mayPass(reason)) return;
    const at = clock.now();
    const kind = isBounce || (await isWornOut(action)) ? 'bounce' : 'soft';
    await log.append('events', [emailReported(action, { kind, reason, ...said, at })]);
    if (kind === 'soft') return;
    await suppress(warehouse, { site: action.site, address: action.email, reason: kind, active: true, at });
  };

  const send = async (order: Order<MailStep>, sequence: number, lease: Lease): Promise<Outcome> => {
    const { action, automation, step, site } = order;
    const { document: rules } = await contactRulesOf(platform, action.site);
    // Before anything is noted: to the ledger it is as if it had not been looked at.
    if (!rate.take(action.site, action.email, rules.mailsPerDomainMinute)) return 'retry';
    const links = signedLinks({ tokens, publicUrl: http.publicUrl() }, action, rules);
    const email = mailFor(step, action);
    const parts = { action, from: automation.from, email, site, links };
    const compose = (code: IssuedCode | null): Mail => composeMail(config.mailFrom, { ...parts, discount: code });
    // A mail that cannot be written takes no code, and counts for nobody as an attempt.
    const plain = step.discount === undefined ? compose(null) : null;
    if (step.discount !== undefined && !drawn.has(email)) {
      compose(sampleDiscount(step.discount, clock.now()));
      drawn.add(email);
    }
    checkHeld(lease);
    await ledger.record(action, 'claimed', sequence + 1);
    const discount = step.discount === undefined ? null : await discounts.issue(action, step.discount);
    if (discount === null && step.discount !== undefined) {
      // Not without its code: it waits until there are some, or until there is nothing to say any more.
      await ledger.record(action, 'claimed', sequence + 2, 'waits for codes: its pool has none left');
      return 'retry';
    }
    const mail = plain ?? compose(discount);
    const result = await mailer.send(mail, async () => {
      await checkStands(order);
      checkHeld(lease);
      await ledger.record(action, 'handing-over', sequence + 2);
      checkHeld(lease);
    });
    switch (result.kind) {
      case 'accepted':
        // Above what a performer that took over in the meantime writes (`uncertain`): it was sent, and we know.
        await ledger.record(action, 'sent', sequence + 4, result.response);
        return tell(action, { subject: mail.subject, campaignName: automation.name, coupon: discount?.code ?? '' });
      case 'unknown':
        await ledger.record(action, 'uncertain', sequence + 3, result.reason);
        return 'done';
      case 'refused':
        // Before the ledger: where we stop in between, the mail is tried again and refused again.
        if (result.permanent) await returned(action, result, { subject: mail.subject, campaignName: automation.name });
        await ledger.record(action, result.permanent ? 'failed' : 'claimed', sequence + 3, result.reason);
        return result.permanent ? 'done' : 'retry';
      default:
        return result satisfies never;
    }
  };

  return { send, tell: (action: Action) => tell(action) };
};
