/** Width where all took the same time, in seconds. */
const soleWidth = 60;

/** The smallest number whose cube is not less. */
const cubeRoot = (count: number): number => {
  let root = Math.floor(Math.cbrt(count));
  while (root ** 3 < count) root += 1;
  return root;
};

type Bin = { from: number; to: number; count: number };

/**
 * Bins of equal whole-second width from the least value, rounded down, to the greatest; one more holds the last edge. As many as asked for, or the
 * cube root of the number of values, rounded up. Seconds.
 */
export const histogram = (seconds: readonly number[], asked?: number): Bin[] => {
  if (seconds.length === 0) return [];
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of seconds) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const bins = asked ?? cubeRoot(seconds.length);
  const start = Math.floor(least);
  const width = least === most ? soleWidth : Math.max(1, Math.ceil((most - start) / bins));
  const counts = Array.from({ length: bins + 1 }, () => 0);
  for (const value of seconds) {
    const bin = Math.floor((value - start) / width);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => ({ from: start + bin * width, to: start + (bin + 1) * width, count }));
};
