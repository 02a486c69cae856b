/** The server's words for what forms run into most often, as one would say them; all others stay as they are. */
const known: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  [/^Too small: expected string to have >=1 characters$/, () => 'must not be empty'],
  [/^Too small: expected number to be >=(\S+)$/, ([, least]) => `must be at least ${least}`],
  [/^Too big: expected number to be <=(\S+)$/, ([, most]) => `must be at most ${most}`],
  [/^Too big: expected string to have <=(\S+) characters$/, ([, most]) => `must not be longer than ${most} characters`],
  [/^Invalid URL$/, () => 'must be a whole web address, with https://'],
  [
    /^persons are compared: expected "person"$/,
    () => 'people are compared here: choose “people” at “Counted are” in the options',
  ],
  [/^expected two required steps at least: nobody drops out of one$/, () => 'needs two steps that are not optional'],
];

export const faultWords = (message: string): string => {
  for (const [pattern, words] of known) {
    const found = pattern.exec(message);
    if (found !== null) return words(found);
  }
  return message;
};
