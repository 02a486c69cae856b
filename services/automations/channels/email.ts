import type { Action } from '../../../schemas/action.ts';
import type { Automation, EmailTemplate } from '../../../schemas/automation.ts';
import type { ContactRules } from '../../../schemas/contact-rules.ts';
import type { Site } from '../../../schemas/site.ts';
import type { Mail } from '../../platform/mail/mailer.ts';
import type { Tokens } from '../../platform/tokens.ts';
import type { IssuedCode } from '../discounts.ts';
import { renderMail, variablesOf } from '../templates/render.ts';

/** Links in a mail stay good for longer than any mail is kept in mind. */
const linkSeconds = 400 * 86_400;

export type MailParts = {
  action: Action;
  from: Automation['from'];
  email: EmailTemplate;
  site: Site;
  discount: IssuedCode | null;
  links: Links;
};

/** Where a mail's links lead: by way of us, or, in a sample, straight there. */
export type Links = { to: (address: string) => string; unsubscribe: string; pixel: string | null };

/** Every address is ours (`publicUrl`, never a Host header) and signed: clicks lead only where we made them point. */
export const signedLinks = (
  { tokens, publicUrl }: { tokens: Tokens; publicUrl: string },
  action: Action,
  { openPixel }: Pick<ContactRules, 'openPixel'>,
): Links => {
  const who = { s: action.site, u: action.userId, a: action.id, m: action.automation };
  return {
    to: (address) => `${publicUrl}/c/${tokens.sign('click', { ...who, to: address }, linkSeconds)}`,
    unsubscribe: `${publicUrl}/u/${tokens.sign('unsubscribe', { ...who, e: action.email }, linkSeconds)}`,
    pixel: openPixel ? `${publicUrl}/o/${tokens.sign('open', who, linkSeconds)}.gif` : null,
  };
};

/** Nothing that is done with a sample becomes an event, nor keeps mails from whoever looks at it. */
export const sampleLinks = (publicUrl: string): Links => ({
  to: (address) => address,
  unsubscribe: `${publicUrl}/u/sample`,
  pixel: null,
});

/** Breaks of a line would make another header: names are folded to one line. */
const oneLine = (text: string): string => text.replace(/[\r\n\t]+/g, ' ').trim();

/** One click unsubscribes (RFC 8058), from all that such a mail is one of: service messages, which go on, offer none. */
const oneClick = ({ unsubscribe }: Links) => ({
  'List-Unsubscribe': `<${unsubscribe}>`,
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
});

/** An action as the mail that goes out. */
export const composeMail = (
  defaultFrom: { name: string; address: string },
  { action, from, email, site, discount, links }: MailParts,
): Mail => {
  const { firstName, lastName } = action.addressee;
  const buttonUrl = new URL(email.buttonUrl);
  const shopOrigins = new Set([buttonUrl.origin, ...site.allowedOrigins]);
  /** An item's address is what an event said, and anybody with the public write key can send events: only the shop's own pages get our signature. */
  const itemLink = (address: string): string | null =>
    shopOrigins.has(new URL(address).origin) ? links.to(address) : null;
  if (discount !== null) buttonUrl.searchParams.set('code', discount.code);
  const variables = variablesOf(action, { firstName: oneLine(firstName), email: action.email }, site, discount);
  const { subject, html, text } = renderMail(email, action, variables, {
    button: links.to(buttonUrl.href),
    unsubscribe: links.unsubscribe,
    pixel: links.pixel,
    item: itemLink,
  });
  return {
    id: action.id,
    site: site.id,
    from: from ?? { ...defaultFrom, name: site.name },
    to: { name: oneLine(`${firstName} ${lastName}`), address: action.email },
    subject,
    html,
    text,
    headers: {
      ...(action.purpose === 'marketing' ? oneClick(links) : {}),
      'Auto-Submitted': 'auto-generated',
    },
  };
};
