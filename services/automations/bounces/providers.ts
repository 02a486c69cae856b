import type { z } from 'zod';
import { type BounceProvider, BounceWebhooks, SesMessage } from '../../../schemas/api/bounces.ts';
import { Failure } from '../../platform/failure.ts';
import { fieldErrors } from '../../platform/http/serve.ts';
import { messageIdIn, type Reported } from './report.ts';

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

/** `id`: what the provider calls the message's id; some give their own there, which names none of ours. */
const of = (kind: Reported['kind'], address: string, { id = '', reason = '' }): Reported => ({
  kind,
  address: address.toLowerCase(),
  messageId: messageIdIn(id),
  reason,
});

/** Mailgun's permanent failures that are no last word about the mailbox: its provider blocks us, or it was tried for too long. */
const blockedUs = 'espblock';
const triedTooLong = 'old';
/** Postmark's bounces for good. `Blocked`, `DnsError`, `SpamNotification` and the soft ones are not. */
const postmarkBounces = new Set(['HardBounce', 'BadEmailAddress']);
const postmarkSoft = new Set(['SoftBounce', 'DnsError']);
const brevoBounces = new Set(['hard_bounce', 'invalid_email']);
const sesSoft = new Set(['MailboxFull', 'General']);

const sesBounces = (bounce: z.infer<typeof SesMessage>['bounce'], id: string | undefined): Reported[] => {
  if (bounce === undefined) return [];
  const isSoft = bounce.bounceType === 'Transient' && sesSoft.has(bounce.bounceSubType ?? '');
  if (bounce.bounceType !== 'Permanent' && !isSoft) return [];
  return bounce.bouncedRecipients.map(({ emailAddress, diagnosticCode: reason }) =>
    of(isSoft ? 'soft' : 'bounce', emailAddress, { id, reason }),
  );
};

const readers: Readonly<Record<BounceProvider, (body: unknown) => Reported[]>> = {
  ses: (body) => {
    const { Type, Message } = parse(BounceWebhooks.ses, body);
    // The second is what SES says once, when it is told of the topic.
    if (Type !== 'Notification' || Message.startsWith('Successfully validated SNS topic')) return [];
    const { notificationType, eventType, bounce, complaint, mail } = parse(
      SesMessage,
      jsonOf(Message, 'Message'),
      'Message',
    );
    const id = mail?.commonHeaders?.messageId;
    switch (notificationType ?? eventType) {
      case 'Bounce':
        return sesBounces(bounce, id);
      case 'Complaint':
        return (complaint?.complainedRecipients ?? []).map(({ emailAddress }) =>
          of('complaint', emailAddress, { id, reason: complaint?.complaintFeedbackType ?? '' }),
        );
      default:
        return [];
    }
  },
  sendgrid: (body) =>
    parse(BounceWebhooks.sendgrid, body).flatMap(({ email, event, type, reason, 'smtp-id': id }) => {
      if (event === 'spamreport') return [of('complaint', email, { id })];
      return event === 'bounce' && type !== 'blocked' ? [of('bounce', email, { id, reason })] : [];
    }),
  mailgun: (body) => {
    const data = parse(BounceWebhooks.mailgun, body)['event-data'];
    const { event, recipient, severity, reason = '' } = data;
    const id = data.message?.headers?.['message-id'];
    if (event === 'complained') return [of('complaint', recipient, { id })];
    // Of each try that fails there is a `temporary` one: only the last word counts.
    if (event !== 'failed' || severity !== 'permanent' || reason === blockedUs) return [];
    return [
      of(reason === triedTooLong ? 'soft' : 'bounce', recipient, { id, reason: data['delivery-status']?.message }),
    ];
  },
  postmark: (body) => {
    const { RecordType, Type = '', Email, Details: reason } = parse(BounceWebhooks.postmark, body);
    if (RecordType !== 'Bounce' && RecordType !== 'SpamComplaint') return [];
    if (Email === undefined) {
      const message = 'missing';
      throw new Failure('bad_request', `Email: ${message}`, { errors: [{ path: 'Email', message }] });
    }
    if (RecordType === 'SpamComplaint') return [of('complaint', Email, {})];
    if (postmarkSoft.has(Type)) return [of('soft', Email, { reason })];
    return postmarkBounces.has(Type) ? [of('bounce', Email, { reason })] : [];
  },
  brevo: (body) => {
    const { event, email, reason } = parse(BounceWebhooks.brevo, body);
    if (event === 'spam') return [of('complaint', email, {})];
    if (event === 'soft_bounce') return [of('soft', email, { reason })];
    return brevoBounces.has(event) ? [of('bounce', email, { reason })] : [];
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
