import type { Action } from '../../../schemas/action.ts';
import type { Automation, EmailTemplate } from '../../../schemas/automation.ts';
import type { Site } from '../../../schemas/site.ts';
import type { Mail } from '../../platform/mail/mailer.ts';
import type { Tokens } from '../../platform/tokens.ts';
import type { Addressee } from '../../questions/people/addressee.ts';
import type { IssuedCode } from '../discounts.ts';
import { renderMail, variablesOf } from '../templates/render.ts';

/** Links in a mail stay good for longer than any mail is kept in mind. */
const linkSeconds = 400 * 86_400;

export type MailParts = {
  action: Action;
  from: Automation['from'];
  email: EmailTemplate;
  site: Site;
  to: Addressee;
  discount: IssuedCode | null;
};

/** Breaks of a line would make another header: names are folded to one line. */
const oneLine = (text: string): string => text.replace(/[\r\n\t]+/g, ' ').trim();

/**
 * An action as the mail that goes out. Every address in it is ours (`publicUrl`, never a Host header) and signed: clicks lead only where we
 * made them point, and one click unsubscribes (RFC 8058).
 */
export const composeMail = (
  deps: { tokens: Tokens; publicUrl: string; defaultFrom: { name: string; address: string } },
  { action, from, email, site, to, discount }: MailParts,
): Mail => {
  const { tokens, publicUrl } = deps;
  const who = { s: site.id, u: action.userId, a: action.id, m: action.automation };
  const link = (address: string): string =>
    `${publicUrl}/c/${tokens.sign('click', { ...who, to: address }, linkSeconds)}`;
  const unsubscribe = `${publicUrl}/u/${tokens.sign('unsubscribe', { ...who, e: action.email }, linkSeconds)}`;
  const buttonUrl = new URL(email.buttonUrl);
  const shopOrigins = new Set([buttonUrl.origin, ...site.allowedOrigins]);
  /** An item's address is what an event said, and anybody with the public write key can send events: only the shop's own pages get our signature. */
  const itemLink = (address: string): string | null =>
    shopOrigins.has(new URL(address).origin) ? link(address) : null;
  if (discount !== null) buttonUrl.searchParams.set('code', discount.code);
  const variables = variablesOf(action, { firstName: oneLine(to.firstName), email: action.email }, site, discount);
  const { subject, html, text } = renderMail(email, action, variables, {
    button: link(buttonUrl.href),
    unsubscribe,
    item: itemLink,
  });
  return {
    id: action.id,
    site: site.id,
    from: from ?? { ...deps.defaultFrom, name: site.name },
    to: { name: oneLine(`${to.firstName} ${to.lastName}`), address: action.email },
    subject,
    html,
    text,
    headers: {
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
    },
  };
};
