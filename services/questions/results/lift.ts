/** Of a 95 % interval, two-sided. */
const z95 = 1.959964;
/** Of a power of 80 %. */
const z80 = 0.841621;

/** A difference (treated minus holdout) with its 95 % confidence interval. */
export type Difference = { difference: number; low: number; high: number };

/** Wilson's score interval of a share (1927). */
const wilson = (successes: number, persons: number): { low: number; high: number } => {
  const share = successes / persons;
  const square = z95 ** 2;
  const middle = share + square / (2 * persons);
  const spread = z95 * Math.sqrt((share * (1 - share)) / persons + square / (4 * persons ** 2));
  const whole = 1 + square / persons;
  return { low: (middle - spread) / whole, high: (middle + spread) / whole };
};

type Share = { converted: number; persons: number };

/**
 * Difference of two shares with Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10): right for small numbers and for shares
 * near 0 and 1, where the textbook's interval is not. Both groups must have persons.
 */
export const differenceOfShares = (treated: Share, holdout: Share): Difference => {
  const [one, two] = [treated.converted / treated.persons, holdout.converted / holdout.persons];
  const [own, other] = [wilson(treated.converted, treated.persons), wilson(holdout.converted, holdout.persons)];
  const difference = one - two;
  return {
    difference,
    low: difference - Math.hypot(one - own.low, other.high - two),
    high: difference + Math.hypot(own.high - one, two - other.low),
  };
};

/** The 97.5th percentile of Student's t, by the expansion of Abramowitz and Stegun 26.7.5: within 1 % from 3 degrees of freedom on. */
const studentT = (freedom: number): number => {
  const z = z95;
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
};

/** Of an amount for each person, those with nothing included: `variance` is the sample's. */
type Mean = { mean: number; variance: number; persons: number };

/** Difference of two means with Welch's interval (Biometrika 34, 1947): the groups may differ in size and spread. Null below two persons in a group. */
export const differenceOfMeans = (treated: Mean, holdout: Mean): Difference | null => {
  if (treated.persons < 2 || holdout.persons < 2) return null;
  const [own, other] = [treated.variance / treated.persons, holdout.variance / holdout.persons];
  const difference = treated.mean - holdout.mean;
  if (own + other === 0) return { difference, low: difference, high: difference };
  const freedom = (own + other) ** 2 / (own ** 2 / (treated.persons - 1) + other ** 2 / (holdout.persons - 1));
  const spread = studentT(freedom) * Math.sqrt(own + other);
  return { difference, low: difference - spread, high: difference + spread };
};

/** Zero is no possible value of it. */
export const isSignificant = ({ low, high }: Difference): boolean => low > 0 || high < 0;

/**
 * Persons that the smaller group needs for a difference as large as the one seen to be found four times out of five (two-sided, 5 %), the larger one growing
 * in the same ratio. Null where there is no difference to look for.
 */
export const personsNeeded = (treated: Share, holdout: Share): number | null => {
  const [one, two] = [treated.converted / treated.persons, holdout.converted / holdout.persons];
  if (one === two) return null;
  const [smaller, larger] = [Math.min(treated.persons, holdout.persons), Math.max(treated.persons, holdout.persons)];
  const ratio = larger / smaller;
  const [ofSmaller, ofLarger] = treated.persons <= holdout.persons ? [one, two] : [two, one];
  const pooled = (ofSmaller + ratio * ofLarger) / (1 + ratio);
  const underNull = z95 * Math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio));
  const underSeen = z80 * Math.sqrt(ofSmaller * (1 - ofSmaller) + (ofLarger * (1 - ofLarger)) / ratio);
  return Math.ceil((underNull + underSeen) ** 2 / (one - two) ** 2);
};
