/** A row of a journey as the solver sees it: which steps it may fill and which exclusions it is. 0-based, ascending. */
export type Row = {
  time: number;
  steps: readonly number[];
  exclusions: readonly number[];
  /** The breakdown's value, '' for none. */
  value: string;
  /** Values of the property that is to be constant: of an order, those of each of its products. */
  constants: readonly string[];
  /** To show it; '' where nobody asked. */
  messageId: string;
  event: string;
};

/** Rows of one millisecond, of which any order may be taken. `others` of them match no step. */
export type Moment = { time: number; rows: readonly Row[]; others: number };

export type Journey = {
  moments: Moment[];
  /** By step: places of the moments with a row for it, ascending. */
  placesOf: readonly (readonly number[])[];
  /** By exclusion: times of its rows, ascending. */
  excluded: readonly (readonly number[])[];
};

/** What of a funnel the solver needs to know. Times are milliseconds. */
export type Rules = {
  order: 'ordered' | 'strict' | 'unordered';
  steps: readonly { isOptional: boolean; withinMs: number }[];
  windowMs: number;
  from: number;
  to: number;
  /** No row counts from here on: where the last window has closed, or at `to`. */
  until: number;
  reentry: 'best' | 'first';
  isOpen: boolean;
  exclusions: readonly { after: number; before: number }[];
  exclusionEffect: 'exclude' | 'block';
  /** Rows have a value that must be the same through all steps. */
  isConstant: boolean;
  /** Every entry counts, one after the other; else a person once, with the best. */
  countsEntries: boolean;
};

/** Index of the first number in an ascending list that is above `least`; the length where none is. */
export const firstAbove = (list: readonly number[], least: number): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) > least) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Rows in order of time, then message id, as a journey. Rows that match nothing matter only where steps must be neighbours. */
export const createJourney = (rows: readonly Row[], rules: Rules): Journey => {
  const moments: { time: number; rows: Row[]; others: number }[] = [];
  const placesOf: number[][] = rules.steps.map(() => []);
  const excluded: number[][] = rules.exclusions.map(() => []);
  for (const row of rows) {
    for (const exclusion of row.exclusions) excluded[exclusion]?.push(row.time);
    const isOther = row.steps.length === 0;
    if (isOther && rules.order !== 'strict') continue;
    let moment = moments.at(-1);
    if (moment?.time !== row.time) {
      moment = { time: row.time, rows: [], others: 0 };
      moments.push(moment);
    }
    if (isOther) moment.others += 1;
    else moment.rows.push(row);
    for (const step of row.steps) {
      const places = placesOf[step];
      if (places?.at(-1) !== moments.length - 1) places?.push(moments.length - 1);
    }
  }
  return { moments, placesOf, excluded };
};
