/** Who converted and who dropped, with something and without it. */
export type Counts = {
  convertedWith: number;
  convertedWithout: number;
  droppedWith: number;
  droppedWithout: number;
};

/** Of the normal distribution, for 95 %. */
const quantile = 1.959964;

/**
 * The odds of converting with it against those without, with the bounds of the 95 % interval (Woolf's, of the logarithm). Each count plus a half
 * (Haldane, Anscombe): an empty cell then says "few seen", not "never", and makes the interval wide.
 */
export const oddsOf = (counts: Counts): { oddsRatio: number; low: number; high: number } => {
  const { convertedWith: a, convertedWithout: b, droppedWith: c, droppedWithout: d } = counts;
  const logarithm = Math.log((a + 0.5) * (d + 0.5)) - Math.log((b + 0.5) * (c + 0.5));
  const error = Math.sqrt([a, b, c, d].reduce((sum, count) => sum + 1 / (count + 0.5), 0));
  return {
    oddsRatio: Math.exp(logarithm),
    low: Math.exp(logarithm - quantile * error),
    high: Math.exp(logarithm + quantile * error),
  };
};
