import type { z } from 'zod';
import { type BounceProvider, BounceWebhooks, SesMessage } from '../../../schemas/api/bounces.ts';
import { Failure } from '../../platform/failure.ts';
import { fieldErrors } from '../../platform/http/serve.ts';
import type { Reported } from './report.ts';

/** @throws Failure `bad_request` naming the field */
const parse = <T>(schema: z.ZodType<T>, value: unknown, where = ''): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error, where);
  const [first] = errors;
  throw new Failure('bad_request', first ? `${first.path || 'body'}: ${first.message}` : undefined, { errors });
};

/** @throws Failure `not_json` */
const jsonOf = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure('not_json', `${what} is not JSON`, { cause: error });
  }
};

const of = (kind: Reported['kind'], addresses: readonly string[]): Reported[] =>
  addresses.map((address) => ({ kind, address: address.toLowerCase() }));
const addressesOf = (recipients: readonly { emailAddress: string }[] = []): string[] =>
  recipients.map(({ emailAddress }) => emailAddress);

/** Mailgun's permanent failures that are no word about the mailbox: its provider blocks us, or we tried for too long. */
const notTheMailbox = new Set(['espblock', 'old']);
/** Postmark's bounces for good. `Blocked`, `DnsError`, `SpamNotification` and the soft ones are not. */
const postmarkBounces = new Set(['HardBounce', 'BadEmailAddress']);
const brevoBounces = new Set(['hard_bounce', 'invalid_email']);

const readers: Readonly<Record<BounceProvider, (body: unknown) => Reported[]>> = {
  ses: (body) => {
    const { Type, Message } = parse(BounceWebhooks.ses, body);
    // The second is what SES says once, when it is told of the topic.
    if (Type !== 'Notification' || Message.startsWith('Successfully validated SNS topic')) return [];
    const { notificationType, eventType, bounce, complaint } = parse(SesMessage, jsonOf(Message, 'Message'), 'Message');
    switch (notificationType ?? eventType) {
      case 'Bounce':
        return bounce?.bounceType === 'Permanent' ? of('bounce', addressesOf(bounce.bouncedRecipients)) : [];
      case 'Complaint':
        return of('complaint', addressesOf(complaint?.complainedRecipients));
      default:
        return [];
    }
  },
  sendgrid: (body) =>
    parse(BounceWebhooks.sendgrid, body).flatMap(({ email, event, type }) => {
      if (event === 'spamreport') return of('complaint', [email]);
      return event === 'bounce' && type !== 'blocked' ? of('bounce', [email]) : [];
    }),
  mailgun: (body) => {
    const { event, recipient, severity, reason = '' } = parse(BounceWebhooks.mailgun, body)['event-data'];
    if (event === 'complained') return of('complaint', [recipient]);
    const isForGood = event === 'failed' && severity === 'permanent' && !notTheMailbox.has(reason);
    return isForGood ? of('bounce', [recipient]) : [];
  },
  postmark: (body) => {
    const { RecordType, Type = '', Email } = parse(BounceWebhooks.postmark, body);
    if (RecordType !== 'Bounce' && RecordType !== 'SpamComplaint') return [];
    if (Email === undefined) {
      const message = 'missing';
      throw new Failure('bad_request', `Email: ${message}`, { errors: [{ path: 'Email', message }] });
    }
    if (RecordType === 'SpamComplaint') return of('complaint', [Email]);
    return postmarkBounces.has(Type) ? of('bounce', [Email]) : [];
  },
  brevo: (body) => {
    const { event, email } = parse(BounceWebhooks.brevo, body);
    if (event === 'spam') return of('complaint', [email]);
    return brevoBounces.has(event) ? of('bounce', [email]) : [];
  },
};

const bodyOf = (body: unknown): unknown => (typeof body === 'string' ? jsonOf(body, 'The body') : body);

/** Whom a provider's webhook says not to write to any more. */
export const readWebhook = (provider: BounceProvider, body: unknown): Reported[] => readers[provider](bodyOf(body));

/** Where SNS waits for a yes before it sends anything; nothing but an address of Amazon's is asked. */
const snsHost = /^sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?$/;

/** The address that confirms a subscription, or null where the message asks for nothing. @throws Failure `bad_request` for one of another host */
export const confirmationOf = (provider: BounceProvider, body: unknown): string | null => {
  if (provider !== 'ses') return null;
  const { Type, SubscribeURL = '' } = parse(BounceWebhooks.ses, bodyOf(body));
  if (Type !== 'SubscriptionConfirmation') return null;
  const url = URL.canParse(SubscribeURL) ? new URL(SubscribeURL) : null;
  if (url?.protocol === 'https:' && url.port === '' && snsHost.test(url.hostname)) return url.href;
  const message = 'not an address of Amazon SNS';
  throw new Failure('bad_request', `SubscribeURL: ${message}`, { errors: [{ path: 'SubscribeURL', message }] });
};
