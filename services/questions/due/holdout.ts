import { createHash } from 'node:crypto';

/** Who belongs together: an automation of a site; `'*'` for the control group of the whole site. */
type Experiment = { site: string; automation: string };

/** A person's fixed place among all, from 0 up to 1: the same for ever, another one in every experiment. */
const placeOf = (what: 'holdout' | `variant ${string}`, { site, automation }: Experiment, userId: string): number => {
  const digest = createHash('sha256')
    .update(JSON.stringify([what, site, automation, userId]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
};

/**
 * Whether a person belongs to those who get no mail, so that what mails add can be measured against them. By a hash of the person, not by chance at
 * the time: whoever asks, and however often, gets the same answer; a larger percentage keeps all whom the smaller one held out. The whole site's
 * keeps marketing from them: what people must know they get.
 */
export const isHeldOut = (
  site: { id: string; holdoutPercent: number },
  automation: { id: string; holdoutPercent: number; purpose: 'marketing' | 'service' },
  userId: string,
): boolean =>
  (automation.purpose === 'marketing' &&
    placeOf('holdout', { site: site.id, automation: '*' }, userId) * 100 < site.holdoutPercent) ||
  placeOf('holdout', { site: site.id, automation: automation.id }, userId) * 100 < automation.holdoutPercent;

/** Which of `count` mails of a step a person gets, from 0: the same one always, whatever the holdout says, each as often as the others. */
export const variantOf = (experiment: Experiment & { stepId: string }, count: number, userId: string): number =>
  Math.floor(placeOf(`variant ${experiment.stepId}`, experiment, userId) * count);
