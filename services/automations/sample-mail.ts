import { type ActingStep, type Automation, type EmailTemplate, placedSteps } from '../../schemas/automation.ts';
import type { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Mail } from '../platform/mail/mailer.ts';
import type { Platform } from '../platform/platform.ts';
import { composeMail, sampleLinks } from './channels/email.ts';
import { sampleAction, sampleDiscount } from './sample.ts';

/** Of a mailbox that cannot exist (RFC 2606), where a mail is only drawn. */
export const nobody = 'alex@example.com';

type MailStep = Extract<ActingStep, { kind: 'email' }>;
type Stores = Pick<Platform, 'config' | 'http' | 'clock'>;
type Sample = {
  site: Site;
  automation: Pick<Automation, 'trigger' | 'purpose' | 'from'> & { id: string };
  step: MailStep;
  email: EmailTemplate;
};

/** A mail as it would come, of a person and an occasion that are made up. @throws Failure `bad_request` that names the part and the line */
export const sampleMail = (
  { config, http, clock }: Stores,
  { site, automation, step, email }: Sample,
  to: { id: string; address: string },
): Mail => {
  const now = clock.now();
  const { trigger, purpose, from } = automation;
  const what = { trigger, purpose, automation: automation.id, stepId: step.id };
  return composeMail(config.mailFrom, {
    action: sampleAction(what, site, { id: to.id, email: to.address, now }),
    from,
    email,
    site,
    discount: step.discount === undefined ? null : sampleDiscount(step.discount, now),
    links: sampleLinks(http.publicUrl()),
  });
};

/** Of mails that break so many are named: one that never ends takes its time before it is given up. */
const mostErrors = 10;

/** Every text that the step may send, and where it stands. */
const textsOf = ({ path, step }: { path: string; step: ActingStep }) =>
  step.kind === 'email'
    ? [
        { path: `${path}.email`, step, email: step.email },
        ...step.variants.map((email, index) => ({ path: `${path}.variants.${index}`, step, email })),
      ]
    : [];

/** Draws every mail once: what breaks is found when it is written, and not when it is to go. @throws Failure `bad_request` that names parts and lines */
export const checkMails = (
  stores: Stores,
  site: Site,
  { trigger, purpose, from, steps }: Pick<Automation, 'trigger' | 'purpose' | 'from' | 'steps'>,
): void => {
  const automation = { trigger, purpose, from, id: 'sample' };
  const errors: { path: string; message: string }[] = [];
  for (const { path, step, email } of placedSteps(steps).flatMap(textsOf)) {
    if (errors.length >= mostErrors) break;
    try {
      sampleMail(stores, { site, automation, step, email }, { id: 'sample', address: nobody });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      for (const { path: part, message } of error.errors) errors.push({ path: `${path}.${part}`, message });
    }
  }
  const [first] = errors;
  if (first !== undefined) throw new Failure('bad_request', `${first.path}: ${first.message}`, { errors });
};
