import { z } from 'zod';
import { Phase, SettledAs } from '../action.ts';
import { Automation, mostVariants } from '../automation.ts';
import { ContactRules } from '../contact-rules.ts';
import { Cursor, DecimalText, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const AutomationId = z.string().regex(/^[a-z0-9-]{1,60}$/);
const idParams = params.extend({ id: AutomationId });

export const AutomationAnswer = z.object({
  id: z.string(),
  version: z.number().int(),
  changedAt: Timestamp,
  automation: Automation,
});
export type AutomationAnswer = z.infer<typeof AutomationAnswer>;

export const listAutomations = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/automations',
  summary: 'The automations of a site',
  access: 'viewer',
  params,
  answer: z.object({ automations: z.array(AutomationAnswer) }),
});
export const createAutomation = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/automations',
  summary: 'A new automation',
  access: 'admin',
  params,
  body: Automation,
  answer: AutomationAnswer,
  status: 201,
});
export const getAutomation = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/automations/:id',
  summary: 'One automation',
  access: 'viewer',
  params: idParams,
  answer: AutomationAnswer,
});
/** Takes `If-Match: <version>`; 412 when it was changed since. */
export const putAutomation = defineRoute({
  method: 'PUT',
  path: '/api/sites/:site/automations/:id',
  summary: 'Change an automation; the version before is kept',
  access: 'admin',
  params: idParams,
  body: Automation,
  answer: AutomationAnswer,
});
export const deleteAutomation = defineRoute({
  method: 'DELETE',
  path: '/api/sites/:site/automations/:id',
  summary: 'Hide an automation; its versions and its mails are kept',
  access: 'admin',
  params: idParams,
  answer: z.object({ id: z.string() }),
});
export const listAutomationVersions = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/automations/:id/versions',
  summary: 'Every version of an automation, newest first',
  access: 'viewer',
  params: idParams,
  answer: z.object({ versions: z.array(AutomationAnswer) }),
});

export const listReadyMade = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/automations/ready-made',
  summary: 'Automations to begin with; each is off until it is made one of the site’s and switched on',
  access: 'viewer',
  params,
  answer: z.object({ automations: z.array(z.object({ id: z.string(), automation: Automation })) }),
});

const WebhookSecret = z.object({
  secret: z.string(),
  alsoUntil: Timestamp.nullable().describe(
    'Until then messages also carry the signature of the one before; null: there is none',
  ),
});
export const getWebhookSecret = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/automations/:id/webhook-secret',
  summary: 'What the receivers of its webhooks check signatures with (Standard Webhooks: whsec_…)',
  access: 'admin',
  params: idParams,
  answer: WebhookSecret,
});
export const renewWebhookSecret = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/automations/:id/webhook-secret',
  summary: 'A new one; for 24 hours messages carry the signature of the one before, too',
  access: 'admin',
  params: idParams,
  answer: WebhookSecret,
  status: 201,
});

const ContactRulesAnswer = z.object({ version: z.number().int(), rules: ContactRules });
export const getContactRules = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/contact-rules',
  summary: 'What protects people from too many messages: consent, quiet hours, cap, the switch that stops everything',
  access: 'viewer',
  params,
  answer: ContactRulesAnswer,
});
/** Takes `If-Match: <version>`; 412 when they were changed since. */
export const putContactRules = defineRoute({
  method: 'PUT',
  path: '/api/sites/:site/contact-rules',
  summary: 'Change them; they hold from the next message on',
  access: 'admin',
  params,
  body: ContactRules,
  answer: ContactRulesAnswer,
});

export const AutomationPreview = z.object({
  /** Who would get it now. */
  due: z.array(
    z.object({
      person: PersonId,
      userId: z.string(),
      email: z.string(),
      step: z.string().describe('The id of the step that has come'),
      /** Of the basket; null where the occasion is none. */
      value: DecimalText.nullable(),
      currency: z.string(),
      /** When the basket was last touched, or the event happened. */
      lastActivity: Timestamp,
    }),
  ),
  /** Who would not, and the rule that says so: no-account, no-email, suppressed, written-recently, already-planned … */
  heldBack: z.array(
    z.object({ person: PersonId, userId: z.string(), email: z.string(), step: z.string(), reason: z.string() }),
  ),
});
export type AutomationPreview = z.infer<typeof AutomationPreview>;
const draft = {
  automation: Automation.optional().describe(
    'Asked about instead of what is saved under the id; nothing need be. Who is held out, and who got what before, goes by the id',
  ),
};
export const previewAutomation = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/automations/:id/preview',
  summary: 'Who would get what now, and why the others would not; sends nothing',
  access: 'viewer',
  params: idParams,
  /** None at all is about what is saved. */
  body: z.object(draft).default({}),
  answer: AutomationPreview,
});

const whichMail = {
  step: z.string().max(40).optional().describe('The id of a step that is a mail; the first of them unless said'),
  variant: z
    .number()
    .int()
    .min(0)
    .max(mostVariants)
    .default(0)
    .describe('0 is the mail of the step, 1 the first that is tried against it'),
};
export const RenderedMail = z.object({
  step: z.string(),
  variant: z.number().int(),
  subject: z.string(),
  html: z.string(),
  text: z.string(),
});
export type RenderedMail = z.infer<typeof RenderedMail>;
export const renderAutomation = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/automations/:id/render',
  summary: 'A mail of it as it would look, with a sample basket or event; sends nothing',
  access: 'viewer',
  params: idParams,
  body: z.object(whichMail),
  answer: RenderedMail,
});
export const testAutomation = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/automations/:id/test',
  summary: 'The same mail to an address, marked "[Test]": no action, no event, and its code is good for nothing',
  access: 'admin',
  params: idParams,
  body: z.object({ address: z.email().max(254), ...whichMail }),
  answer: z.object({
    step: z.string(),
    variant: z.number().int(),
    subject: z.string(),
    outcome: z.enum(['accepted', 'refused', 'unknown']).describe('Of the mail server, or the outbox'),
    said: z.string().describe('What the server answered'),
  }),
});

export const ReplayAnswer = z.object({
  /** Messages that it would have sent, to so many persons; and would not have, to those held out. */
  messages: z.number().int(),
  persons: z.number().int(),
  heldOut: z.number().int(),
  steps: z.array(z.object({ step: z.string(), messages: z.number().int() })),
  /** The times that were looked at lie so far apart: what began and ended in between is not seen. */
  everySeconds: z.number().int(),
});
export type ReplayAnswer = z.infer<typeof ReplayAnswer>;
export const replayAutomation = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/automations/:id/replay',
  summary: 'What it would have sent in the last days under today’s rules; sends nothing',
  access: 'viewer',
  params: idParams,
  body: z.object({ days: z.number().int().min(1).max(90).default(30), ...draft }),
  answer: ReplayAnswer,
});

export const ActionAnswer = z.object({
  id: z.string(),
  automation: z.string(),
  step: z.string(),
  kind: z.enum(['email', 'webhook', 'unknown']).describe('unknown: what the ledger says of it cannot be read'),
  person: PersonId,
  userId: z.string(),
  email: z.string(),
  phase: z.enum([...Phase.options, 'unknown']),
  reason: z.string(),
  at: Timestamp,
  requestedAt: Timestamp,
  /** Of the basket; null where the occasion is none. */
  value: DecimalText.nullable(),
  /** The name of the event that is the occasion. */
  event: z.string(),
  currency: z.string(),
});
export type ActionAnswer = z.infer<typeof ActionAnswer>;
export const listActions = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/actions',
  summary: 'The ledger: every action with its newest phase, newest first',
  access: 'viewer',
  params,
  query: z.object({
    status: Phase.optional(),
    automation: AutomationId.optional().describe('Only of this one'),
    cursor: Cursor.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answer: z.object({ actions: z.array(ActionAnswer), nextCursor: Cursor.nullable() }),
});

export const settleAction = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/actions/:id/settle',
  summary: 'Decide about an uncertain action: it counts as sent, or is sent again, once, if all rules allow it still',
  access: 'admin',
  params: params.extend({ id: z.string().regex(/^[a-z0-9]{1,60}$/) }),
  body: z.object({ as: SettledAs }),
  answer: z.object({ id: z.string(), as: SettledAs }),
  status: 202,
});

export const OutboxMail = z.object({
  id: z.string(),
  to: z.string(),
  from: z.string(),
  subject: z.string(),
  at: Timestamp,
});
export const listOutbox = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/outbox',
  summary: 'Mails kept on this machine because no SMTP server is set, newest first',
  access: 'viewer',
  params,
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  answer: z.object({ mails: z.array(OutboxMail) }),
});
export const getOutboxMail = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/outbox/:id',
  summary: 'One kept mail: its parts, its headers, its source',
  access: 'viewer',
  params: params.extend({ id: z.string().regex(/^[A-Za-z0-9_-]{1,120}$/) }),
  answer: OutboxMail.extend({
    html: z.string(),
    text: z.string(),
    headers: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
});
