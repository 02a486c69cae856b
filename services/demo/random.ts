/** Chance that repeats: the same seed gives the same numbers on every machine. Not for secrets. */
export type Random = {
  /** 0 <= x < 1 */
  next(): number;
  chance(probability: number): boolean;
  /** Whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  /** An item by its weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T;
  /** Like times between clicks: half below `median`, a long tail above. */
  skewed(median: number, spread?: number): number;
  /** Hexadecimal digits. */
  hex(digits: number): string;
};

/** mulberry32: 32 bits of state, good enough for shoppers, 5 ns a number. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  return {
    next,
    between,
    pick,
    chance: (probability) => next() < probability,
    weighted: (items) => {
      let rest = next() * items.reduce((sum, [, weight]) => sum + weight, 0);
      const chosen = items.find(([, weight]) => {
        rest -= weight;
        return rest < 0;
      });
      return chosen === undefined ? pick(items)[0] : chosen[0];
    },
    skewed: (median, spread = 0.7) => {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(spread * normal);
    },
    hex: (digits) => Array.from({ length: digits }, () => between(0, 15).toString(16)).join(''),
  };
};
