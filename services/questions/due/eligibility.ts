import type { Basket } from '../../../schemas/api/abandonment.ts';

/** Why a person does not get a mail. */
export type HeldReason =
  | 'no-account'
  | 'no-email'
  | 'suppressed'
  | 'empty-basket'
  | 'already-planned'
  | 'written-recently'
  | 'holdout';

/** What is known of the addressee besides the basket. */
export type Facts = {
  isSuppressed: boolean;
  /** The action for just this basket, left at just this time, exists. */
  isPlanned: boolean;
  /** The automation wrote to this person within its quiet time. */
  isWrittenRecently: boolean;
  /** One of those who get no mail, so that it is known what mails add. */
  isHeldOut: boolean;
};

export type Verdict = { kind: 'due' } | { kind: 'held'; reason: HeldReason };

/** Whether a left basket is due a mail. The first rule that speaks against it is named. Pure. */
export const eligibility = (
  basket: Pick<Basket, 'userId' | 'email'> & { items: readonly unknown[] },
  facts: Facts,
): Verdict => {
  const held = (reason: HeldReason): Verdict => ({ kind: 'held', reason });
  if (basket.items.length === 0) return held('empty-basket');
  if (basket.userId === '') return held('no-account');
  if (basket.email === '') return held('no-email');
  if (facts.isSuppressed) return held('suppressed');
  if (facts.isPlanned) return held('already-planned');
  if (facts.isWrittenRecently) return held('written-recently');
  // Last: only who would have got it compares with who got it.
  if (facts.isHeldOut) return held('holdout');
  return { kind: 'due' };
};
