import { randomUUID } from 'node:crypto';
import { renderAutomation, testAutomation } from '../../schemas/api/automations.ts';
import { actingSteps, type EmailTemplate, type Step, StoredAutomation } from '../../schemas/automation.ts';
import { Site } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { suppressedAmong } from '../questions/due/contact.ts';
import { nobody, sampleMail } from './sample-mail.ts';

type WhichMail = { step?: string | undefined; variant: number };

/** @throws Failure `bad_request` naming the step */
const mailStep = (steps: readonly Step[], { step: id }: WhichMail) => {
  const mails = actingSteps(steps).filter((step) => step.kind === 'email');
  const found = id === undefined ? mails[0] : mails.find((step) => step.id === id);
  if (found !== undefined) return found;
  const known = mails.map((step) => step.id).join(', ');
  throw new Failure(
    'bad_request',
    `step: ${id === undefined ? 'this automation sends no mail' : `no mail has the id "${id}"; there are: ${known}`}`,
    { errors: [{ path: 'step', message: 'not a mail of this automation' }] },
  );
};

/** @throws Failure `bad_request` naming the variant */
const templateOf = ({ id, email, variants }: ReturnType<typeof mailStep>, { variant }: WhichMail): EmailTemplate => {
  const found = [email, ...variants][variant];
  if (found !== undefined) return found;
  const message = `the mail "${id}" has no variant ${variant}; its last is ${variants.length}`;
  throw new Failure('bad_request', `variant: ${message}`, { errors: [{ path: 'variant', message }] });
};

/** Mails to look at, on the page and in one's own mailbox. Nothing of it is planned, kept in the ledger or told as an event. */
export const mountSamples = (platform: Platform): void => {
  const { serve, definitions, warehouse, mailer } = platform;
  const compose = async (siteId: string, id: string, which: WhichMail, email: string) => {
    const site = await definitions.get('site', '', siteId, Site);
    const automation = await definitions.get('automation', siteId, id, StoredAutomation);
    if (site === null || automation === null) throw new Failure('not_found', `There is no automation ${id}.`);
    const { trigger, purpose, steps, from } = automation.document;
    const step = mailStep(steps, which);
    const what = {
      site: site.document,
      automation: { id, trigger, purpose, from },
      step,
      email: templateOf(step, which),
    };
    const mail = sampleMail(platform, what, { id: `test-${randomUUID()}`, address: email });
    return { step: step.id, mail };
  };

  serve(renderAutomation, async ({ params, body }) => {
    const { step, mail } = await compose(params.site, params.id, body, nobody);
    return { step, variant: body.variant, subject: mail.subject, html: mail.html, text: mail.text };
  });
  serve(testAutomation, async ({ params, body }) => {
    const { step, mail } = await compose(params.site, params.id, body, body.address);
    // Also a test is a mail: who said no, or whose mailbox is gone, gets none.
    const suppressed = await suppressedAmong(warehouse, params.site, [body.address]);
    if (suppressed.size > 0) {
      const message = 'it is among the suppressions: it must not be written to';
      throw new Failure('bad_request', `address: ${message}`, { errors: [{ path: 'address', message }] });
    }
    const subject = `[Test] ${mail.subject}`;
    const result = await mailer.send(
      { ...mail, to: { name: '', address: body.address }, subject },
      async () => undefined,
    );
    const said = result.kind === 'accepted' ? result.response : result.reason;
    return { step, variant: body.variant, subject, outcome: result.kind, said };
  });
};
