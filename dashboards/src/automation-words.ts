import type { Automation, Step, Trigger } from '../../schemas/automation.ts';
import { actingSteps } from './automation-steps.ts';
import { duration, plural } from './format.ts';

/** What brings people in, as it is chosen. */
export const triggerKinds: Readonly<Record<Trigger['kind'], string>> = {
  'abandoned-basket': 'A basket was left',
  'abandoned-checkout': 'A checkout was left',
  browsed: 'Somebody looked at products and left',
  event: 'Somebody did something',
  'product-news': 'There is news of a product',
  lapsed: 'Somebody has not bought for long',
  segment: 'Somebody is in a segment',
};

const triggerWords = (trigger: Trigger): string => {
  switch (trigger.kind) {
    case 'abandoned-basket':
      return `When a basket was left for ${duration(trigger.idleSeconds)}`;
    case 'abandoned-checkout':
      return `When a checkout was left for ${duration(trigger.idleSeconds)}`;
    case 'browsed':
      return `When somebody looked at products and left for ${duration(trigger.idleSeconds)}`;
    case 'event':
      return `After “${trigger.event}”`;
    case 'product-news':
      return `After “${trigger.event}” of a product that somebody looked at`;
    case 'lapsed':
      return `When somebody has not bought for ${duration(trigger.afterSeconds)}`;
    default:
      return 'When somebody is in a segment';
  }
};

/** A text of a template as one reads it in a list: what holds where nothing is known of the person. */
export const withoutLiquid = (text: string): string =>
  text
    .replaceAll(/\{%-?\s*if\b[^%]*%\}(?:(?!\{%).)*\{%-?\s*else\s*-?%\}((?:(?!\{%).)*)\{%-?\s*endif\s*-?%\}/gs, '$1')
    .replaceAll(/\{%-?\s*if\b[^%]*%\}(?:(?!\{%).)*\{%-?\s*endif\s*-?%\}/gs, '')
    .replaceAll(/\{%[^%]*%\}/g, '')
    .replaceAll(/\{\{[^}]*\}\}/g, '…')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** One step, in a line. */
export const stepWords = (step: Step): string => {
  switch (step.kind) {
    case 'wait':
      return `Wait ${duration(step.seconds)}`;
    case 'email':
      return `Email “${withoutLiquid(step.email.subject) || 'no subject yet'}”`;
    case 'webhook':
      return step.url === '' ? 'Webhook' : `Webhook to ${step.url.replace(/^https?:\/\//, '')}`;
    default:
      return 'Branch';
  }
};

/** What all steps do: `2 emails and 1 webhook`. */
export const stepsWords = (steps: readonly Step[]): string => {
  const acting = actingSteps(steps);
  const number = (kind: Step['kind']): number => acting.filter((step) => step.kind === kind).length;
  const parts = [
    ...(number('email') === 0 ? [] : [plural(number('email'), 'email')]),
    ...(number('webhook') === 0 ? [] : [plural(number('webhook'), 'webhook')]),
  ];
  return parts.length === 0 ? 'nothing yet' : parts.join(' and ');
};

/** What it does, in a line. */
export const automationWords = ({ trigger, steps }: Automation): string => {
  const [first, ...more] = actingSteps(steps);
  const subject = first?.kind === 'email' && more.length === 0 ? ` “${withoutLiquid(first.email.subject)}”` : '';
  return `${triggerWords(trigger)}: ${stepsWords(steps)}${subject}`;
};

/** The rules of the server, in words; one that is not listed is shown as it is called. */
const reasons: Readonly<Record<string, string>> = {
  paused: 'everything is paused',
  'not-in': 'not one of those whom it is for',
  'no-account': 'not signed in',
  'no-email': 'no email address known',
  suppressed: 'unsubscribed or must not be written to',
  'no-consent': 'have not agreed to marketing mails',
  ended: 'did something that ends it',
  'already-planned': 'already planned or sent',
  later: 'a later step, whose time has not come',
  'too-late': 'too long ago by now',
  'written-recently': 'got it lately, and may come in again later',
  'told-by-another': 'got a message of another automation about the same basket or visit lately',
  capped: 'got as many mails as the contact rules allow',
  'quiet-hours': 'quiet hours where they are',
  'after-another': 'another message to the same person goes first',
  'empty-basket': 'nothing left in the basket',
  holdout: 'held out, to measure what it adds',
};
export const reasonWords = (reason: string): string => reasons[reason] ?? reason.replaceAll('-', ' ');
