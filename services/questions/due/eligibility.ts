/** Why a person gets nothing, now or at all. */
export type HeldReason =
  | 'paused'
  | 'empty-basket'
  | 'not-in'
  | 'no-account'
  | 'no-email'
  | 'suppressed'
  | 'no-consent'
  | 'ended'
  | 'already-planned'
  | 'later'
  | 'too-late'
  | 'written-recently'
  | 'told-by-another'
  | 'capped'
  | 'quiet-hours'
  | 'after-another'
  | 'holdout';

/** What is known of a person and the step that has come. */
export type Facts = {
  /** The site sends nothing now. */
  isPaused: boolean;
  /** Of a left basket nothing is left. */
  isEmpty: boolean;
  /** One of those whom the automation is for. */
  isIn: boolean;
  hasAccount: boolean;
  /** The step writes a mail: what a webhook tells needs no address, no consent and no quiet hours. */
  isMail: boolean;
  hasEmail: boolean;
  isSuppressed: boolean;
  hasConsent: boolean;
  /** Something came after the occasion that ends it. */
  isEnded: boolean;
  place: 'due' | 'later' | 'under-way' | 'late' | 'done';
  /** Another occasion brought the person in, and the re-entry time is not over. */
  isWrittenRecently: boolean;
  /** Another automation wrote to them lately about what they are choosing. */
  isToldByAnother: boolean;
  /** As many marketing mails as the site allows in its time. */
  isCapped: boolean;
  isQuiet: boolean;
  /** One of those who get nothing, so that it is known what it adds. */
  isHeldOut: boolean;
};

export type Verdict = { kind: 'due' } | { kind: 'held'; reason: HeldReason };

const rules: readonly [HeldReason, (facts: Facts) => boolean][] = [
  ['empty-basket', ({ isEmpty }) => isEmpty],
  ['no-account', ({ hasAccount }) => !hasAccount],
  ['not-in', ({ isIn }) => !isIn],
  ['no-email', ({ isMail, hasEmail }) => isMail && !hasEmail],
  ['suppressed', ({ isMail, isSuppressed }) => isMail && isSuppressed],
  ['no-consent', ({ isMail, hasConsent }) => isMail && !hasConsent],
  ['already-planned', ({ place }) => place === 'done' || place === 'under-way'],
  ['ended', ({ isEnded }) => isEnded],
  ['too-late', ({ place }) => place === 'late'],
  ['later', ({ place }) => place === 'later'],
  ['written-recently', ({ isWrittenRecently }) => isWrittenRecently],
  ['told-by-another', ({ isMail, isToldByAnother }) => isMail && isToldByAnother],
  ['paused', ({ isPaused }) => isPaused],
  ['capped', ({ isMail, isCapped }) => isMail && isCapped],
  ['quiet-hours', ({ isMail, isQuiet }) => isMail && isQuiet],
  // Last: only who would have got it compares with who got it.
  ['holdout', ({ isHeldOut }) => isHeldOut],
];

/** Whether a step is to be done for a person now. The first rule that speaks against it is named. Pure. */
export const eligibility = (facts: Facts): Verdict => {
  const rule = rules.find(([, speaksAgainst]) => speaksAgainst(facts));
  return rule === undefined ? { kind: 'due' } : { kind: 'held', reason: rule[0] };
};
