import type { Action } from '../../schemas/action.ts';
import type { IntakeHeader } from '../../schemas/event.ts';
import type { LogRecord } from '../platform/log/log.ts';

/** An action's "Email Sent" is this and the action's id. */
export const messageIdPrefix = 'email-sent-';

type Mail = Pick<Action, 'id' | 'site' | 'userId' | 'automation' | 'email'>;

/** An event of the person's journey about a mail of ours. `messageId` follows from the action, so that it counts once however often it is told. */
const eventOf = (
  mail: Mail,
  said: { event: string; messageId: string; at: number; properties: Readonly<Record<string, string>> },
): LogRecord => {
  const header: IntakeHeader = {
    v: 1,
    site: mail.site,
    receivedAt: said.at,
    sentAt: null,
    channel: 'internal',
    type: null,
    ip: '',
    userAgent: '',
  };
  const isSaid = ([, value]: [string, string]): boolean => value !== '';
  const event = {
    type: 'track',
    event: said.event,
    messageId: said.messageId,
    userId: mail.userId,
    timestamp: new Date(said.at).toISOString(),
    properties: {
      email_id: mail.id,
      campaign_id: mail.automation,
      ...Object.fromEntries(Object.entries(said.properties).filter(isSaid)),
    },
  };
  return {
    key: `${mail.site}/${mail.userId}`,
    label: mail.site,
    count: 1,
    value: Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(event)}`),
  };
};

/** What a mail was, as far as who tells of it knows. */
type Named = { subject: string; campaignName: string };
const named = ({ subject, campaignName }: Named) => ({ email_subject: subject, campaign_name: campaignName });

/** What we did to a person. */
export const emailSent = (action: Mail, sent: Named & { coupon: string; at: number }): LogRecord =>
  eventOf(action, {
    event: 'Email Sent',
    messageId: `${messageIdPrefix}${action.id}`,
    at: sent.at,
    properties: { ...named(sent), coupon: sent.coupon },
  });

/** It came back, but its mailbox may take the next one. */
export const softBounced = 'Email Soft Bounced';

const reportedAs = {
  bounce: { event: 'Email Bounced', prefix: 'email-bounced-' },
  soft: { event: softBounced, prefix: 'email-soft-bounced-' },
  complaint: { event: 'Email Marked as Spam', prefix: 'email-marked-as-spam-' },
} as const;

/** Longer words of a server are cut. */
const longestReason = 500;

/** What became of it: it came back for good, or whoever got it complained. `reason`: the words of who reports it. */
export const emailReported = (
  action: Mail,
  report: { kind: keyof typeof reportedAs; reason: string; at: number } & Partial<Named>,
): LogRecord => {
  const { event, prefix } = reportedAs[report.kind];
  const { kind: _, at, reason, subject = '', campaignName = '' } = report;
  const properties = {
    ...named({ subject, campaignName }),
    reason: reason.slice(0, longestReason),
    email: action.email,
  };
  return eventOf(action, { event, messageId: `${prefix}${action.id}`, at, properties });
};
