import type { ContactRules } from '../../schemas/contact-rules.ts';
import { duration, plural } from './format.ts';

export const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** What the rules say, each in a few words; nothing where they forbid nothing. The switch that stops everything is told apart. */
export const contactRulesWords = ({
  consentTrait,
  quietHours,
  cap,
  mailsPerDomainMinute,
  openPixel,
}: ContactRules): string[] => [
  ...(consentTrait === null ? [] : [`only with consent (${consentTrait})`]),
  ...(quietHours === null ? [] : [`quiet from ${hourText(quietHours.from)} to ${hourText(quietHours.to)}`]),
  ...(cap === null ? [] : [`at most ${plural(cap.mails, 'mail')} in ${duration(cap.seconds)}`]),
  ...(mailsPerDomainMinute === null ? [] : [`${plural(mailsPerDomainMinute, 'mail')} a minute to one mail domain`]),
  ...(openPixel ? ['openings are noted'] : []),
];
