/** `npm run test:faults` sets it: the long form, hundreds of kills and outages of a minute. `npm test` runs the short one. */
export const isFull = process.env['FAULTS'] === 'full';

/** The long or the short form's figure. */
export const long = (full: number, short: number): number => (isFull ? full : short);

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A whole number from `from` to `to`, both inclusive. */
export const between = (from: number, to: number): number => from + Math.floor(Math.random() * (to - from + 1));

/** One of a list that is not empty. */
export const oneOf = <T>(list: readonly T[]): T => {
  const chosen = list[between(0, list.length - 1)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
};
