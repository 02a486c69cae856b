import { Amount, defineEvent, Text } from './property.ts';

// Segment's e-mail specification, and its sending: what we do to a person is part of the journey.

const message = {
  email_id: Text,
  email_subject: Text,
  campaign_id: Text,
  campaign_name: Text,
  action_id: Text,
  automation_id: Text,
  coupon: Text,
  discount: Amount,
  link_id: Text,
  link_url: Text,
  reason: Text,
};

/** Mails sent and what became of them. */
export const messaging = [
  defineEvent('Email Sent', message),
  defineEvent('Email Delivered', message),
  defineEvent('Email Opened', message),
  defineEvent('Email Link Clicked', message, { aliases: ['Email Clicked'] }),
  defineEvent('Email Bounced', message),
  defineEvent('Email Soft Bounced', message),
  defineEvent('Email Marked as Spam', message, { aliases: ['Email Complained'] }),
  defineEvent('Unsubscribed', message, { aliases: ['Email Unsubscribed'] }),
];
