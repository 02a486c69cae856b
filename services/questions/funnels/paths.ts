import { type Asked, queryOf, type Run, tooMuch, type Way } from './asked.ts';
import { createTally, type Figures, type Outcome, outcomeAt } from './figures.ts';
import {
  isInWarehouse,
  type Ties,
  tiedUnits,
  warehouseFigures,
  warehouseGaps,
  warehouseUnits,
} from './in-warehouse.ts';
import { countRows, mostFollowed, planOf } from './journeys.ts';
import { isDisjoint } from './rows.ts';
import { solveFunnel } from './solved.ts';

/** Figures of a bucket: a value of the breakdown ('' for none), the start of an interval, or '' for all. */
export type Bucket = { bucket: string; figures: Figures };

/** Units with ties that are solved here and handed back to the warehouse as values; more, and all are solved here: a URL holds 1 MB. */
const mostTied = 2000;
/** Steps beyond which the warehouse takes seconds to plan: the text of its query grows with their square. Solved here where the rows are not too many. */
const mostPlanned = 8;
/** Ways that an answer keeps in memory: numbers for a median or a histogram. */
const mostWays = 5_000_000;

const noTies: Ties = { units: [], ways: [] };

const solveTies = async (asked: Asked, run: Run, units: readonly string[]): Promise<Ties> => {
  const ways: Way[] = [];
  for await (const { unit, bucket, solved } of solveFunnel(asked, run, { units }))
    ways.push({
      unit: unit.unit,
      bucket,
      isPending: solved.isPending,
      times: solved.attempt.times.filter((time) => time >= 0),
    });
  return { units, ways };
};

/**
 * What the warehouse needs to answer by itself: units whose rows of one millisecond could be taken in several orders, solved here. Null where it
 * cannot, or where there are too many of those: then all is solved here.
 */
export const warehouseTies = async (asked: Asked, run: Run): Promise<Ties | null> => {
  const query = queryOf(asked, run);
  if (!isInWarehouse(query)) return null;
  if (query.steps.length > mostPlanned && (await countRows(asked)) <= mostFollowed) return null;
  if (isDisjoint(query.steps)) return noTies;
  const units = await tiedUnits(asked, run, mostTied + 1);
  if (units.length > mostTied) return null;
  return units.length === 0 ? noTies : solveTies(asked, run, units);
};

const solvedFigures = async (asked: Asked, run: Run, most: number): Promise<Bucket[]> => {
  const plan = planOf(asked.query);
  const tallies = new Map<string, ReturnType<typeof createTally>>();
  let ways = 0;
  for await (const { bucket, solved } of solveFunnel(asked, run)) {
    ways += 1;
    if (ways > mostWays) throw tooMuch(`There are more than ${mostWays} ways through the funnel`);
    const tally = tallies.get(bucket) ?? createTally(plan);
    tallies.set(bucket, tally);
    tally.add(solved.attempt, solved.isPending);
  }
  const end = plan.steps.findLastIndex(({ isOptional }) => !isOptional);
  const rank = ({ bucket, figures }: Bucket): number[] => [
    bucket === '' ? 0 : 1,
    -(figures.reached[end] ?? 0),
    -(figures.reached[0] ?? 0),
  ];
  return [...tallies]
    .map(([bucket, tally]) => ({ bucket, figures: tally.figures() }))
    .sort(
      (one, other) =>
        compareRanks(rank(one), rank(other)) || Buffer.compare(Buffer.from(one.bucket), Buffer.from(other.bucket)),
    )
    .slice(0, most);
};

const compareRanks = (left: readonly number[], right: readonly number[]): number =>
  left.map((rank, index) => rank - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;

const solvedGaps = async (asked: Asked, run: Run, from: number, to: number): Promise<number[]> => {
  const gaps: number[] = [];
  for await (const { solved } of solveFunnel(asked, run)) {
    const [start = -1, end = -1] = [solved.attempt.times[from], solved.attempt.times[to]];
    if (start >= 0 && end >= 0) gaps.push(end - start);
    if (gaps.length > mostWays) throw tooMuch(`More than ${mostWays} ways went through both steps`);
  }
  return gaps;
};

/** Figures by bucket: the bucket '' first, then by the last required step, the first, the name. At most `most` of them. */
export const figuresOf = async (asked: Asked, run: Run, most: number): Promise<Bucket[]> => {
  const ties = await warehouseTies(asked, run);
  return ties === null ? solvedFigures(asked, run, most) : warehouseFigures(asked, run, ties, most);
};

/** Milliseconds between two steps, of everybody who did both. */
export const gapsOf = async (asked: Asked, run: Run, from: number, to: number): Promise<number[]> => {
  const ties = await warehouseTies(asked, run);
  return ties === null
    ? solvedGaps(asked, run, from, to)
    : warehouseGaps(asked, run, ties, { from, to, most: mostWays });
};

/** Units with an outcome at a step, in order of their hash, from one on; at most `most`. */
export const unitsWith = async (
  asked: Asked,
  run: Run,
  wanted: { step: number; outcome: Outcome; least: bigint; most: number },
): Promise<string[]> => {
  const ties = await warehouseTies(asked, run);
  if (ties !== null) return warehouseUnits(asked, run, ties, wanted);
  const plan = planOf(asked.query);
  const found = new Set<string>();
  for await (const { unit, solved } of solveFunnel(asked, run, { least: wanted.least })) {
    if (outcomeAt(plan, solved.attempt, solved.isPending, wanted.step) === wanted.outcome) found.add(unit.unit);
    if (found.size === wanted.most) break;
  }
  return [...found];
};
