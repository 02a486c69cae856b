import { z } from 'zod';
import { SiteId } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });

/** Providers send more fields than these, and may add others: what is read is named here, the rest is left alone. */
const Address = z.string().min(3).max(320).includes('@');

const SnsEnvelope = z.object({ Type: z.string(), Message: z.string(), SubscribeURL: z.string().optional() });
export const SesMessage = z
  .object({
    /** By identity notifications; by event publishing it is called `eventType`. */
    notificationType: z.string().optional(),
    eventType: z.string().optional(),
    bounce: z
      .object({
        bounceType: z.string(),
        bounceSubType: z.string().optional(),
        bouncedRecipients: z.array(z.object({ emailAddress: Address, diagnosticCode: z.string().optional() })),
      })
      .optional(),
    complaint: z
      .object({
        complainedRecipients: z.array(z.object({ emailAddress: Address })),
        complaintFeedbackType: z.string().nullish(),
      })
      .optional(),
    mail: z
      .object({
        commonHeaders: z
          .object({ messageId: z.string().optional().describe('As we wrote it, though SES sends another') })
          .optional(),
      })
      .optional(),
  })
  .refine(({ notificationType, eventType }) => (notificationType ?? eventType) !== undefined, {
    path: ['notificationType'],
    message: 'neither this nor eventType is there',
  });
const Sendgrid = z
  .array(
    z.object({
      email: Address,
      event: z.string(),
      type: z.string().optional().describe('Of a bounce: "bounce" is for good, "blocked" is not'),
      reason: z.string().optional(),
      'smtp-id': z.string().optional().describe('The Message-ID, as we wrote it'),
    }),
  )
  .max(10_000);
const Mailgun = z.object({
  'event-data': z.object({
    event: z.string(),
    recipient: Address,
    severity: z.string().optional().describe('Of a failure: permanent or temporary'),
    reason: z.string().optional(),
    message: z
      .object({
        headers: z
          .object({ 'message-id': z.string().optional().describe('As we wrote it, without brackets') })
          .optional(),
      })
      .optional(),
    'delivery-status': z.object({ message: z.string().optional() }).optional(),
  }),
});
const Postmark = z.object({
  RecordType: z.string(),
  Type: z.string().optional().describe('Of a bounce: HardBounce, SoftBounce, Transient …'),
  Email: Address.optional(),
  Details: z.string().optional().describe('What the other server said'),
});
const Brevo = z.object({ event: z.string(), email: Address, reason: z.string().optional() });

/** What each provider's webhook sends, by the provider's name in the address. SES is told of by SNS, with its message as text. */
export const BounceWebhooks = {
  ses: SnsEnvelope,
  sendgrid: Sendgrid,
  mailgun: Mailgun,
  postmark: Postmark,
  brevo: Brevo,
} as const;
export const BounceProvider = z.enum(['ses', 'sendgrid', 'mailgun', 'postmark', 'brevo']);
export type BounceProvider = z.infer<typeof BounceProvider>;

const BouncesAnswer = z.object({
  /** Addresses that are not written to any more. */
  suppressed: z.array(z.object({ address: z.string(), reason: z.enum(['bounce', 'complaint']) })),
});
export const reportBounce = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/bounces',
  summary:
    'A bounce (RFC 3464) or complaint (RFC 5965) as it came by mail, whole, as message/rfc822 or text/plain: failures for good and complaints are suppressed, and become events of the person whose mail it was',
  access: 'secretKey',
  params,
  body: z.string().min(1),
  answer: BouncesAnswer,
});
export const reportProviderBounce = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/bounces/:provider',
  summary:
    'The webhook of a mail provider: bounces for good and complaints are suppressed and become events of the person whose mail it was, everything else is left',
  access: 'secretKey',
  params: params.extend({ provider: BounceProvider }),
  /** By the provider, as in `BounceWebhooks`; SNS sends its JSON as text. */
  body: z.unknown(),
  answer: BouncesAnswer,
});
