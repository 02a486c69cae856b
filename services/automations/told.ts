import type { Action } from '../../schemas/action.ts';
import type { IntakeHeader } from '../../schemas/event.ts';
import type { LogRecord } from '../platform/log/log.ts';

/** An action's "Email Sent" is this and the action's id. */
export const messageIdPrefix = 'email-sent-';

/** What we did to a person, as an event of the person's journey. Its messageId follows from the action, so that it counts once. */
export const emailSent = (
  action: Action,
  sent: { subject: string; campaignName: string; coupon: string; at: number },
): LogRecord => {
  const header: IntakeHeader = {
    v: 1,
    site: action.site,
    receivedAt: sent.at,
    sentAt: null,
    channel: 'internal',
    type: null,
    ip: '',
    userAgent: '',
  };
  const event = {
    type: 'track',
    event: 'Email Sent',
    messageId: `${messageIdPrefix}${action.id}`,
    userId: action.userId,
    timestamp: new Date(sent.at).toISOString(),
    properties: {
      email_id: action.id,
      email_subject: sent.subject,
      campaign_id: action.automation,
      campaign_name: sent.campaignName,
      ...(sent.coupon === '' ? {} : { coupon: sent.coupon }),
    },
  };
  return {
    key: `${action.site}/${action.userId}`,
    label: action.site,
    count: 1,
    value: Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(event)}`),
  };
};
