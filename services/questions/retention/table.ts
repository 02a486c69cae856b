import type { RetentionCohorts, RetentionQuery } from '../../../schemas/api/retention.ts';
import { type Calendar, cellTimes } from './calendar.ts';

/** Persons of a cohort with a cell; `cell` -1 is all of them. */
export type CellRow = { cohort: number; piece: number; cell: number; persons: number };

const rate = (count: number, persons: number): number | null => (persons === 0 ? null : count / persons);

const averageOf = (cohorts: RetentionCohorts['cohorts'], intervals: number): RetentionCohorts['average'] =>
  Array.from({ length: intervals + 1 }, (_, cell) => {
    const complete = cohorts.filter(({ cells }) => cells[cell]?.isComplete === true);
    const count = complete.reduce((sum, { cells }) => sum + (cells[cell]?.count ?? 0), 0);
    const persons = complete.reduce((sum, { size }) => sum + size, 0);
    return { count, persons, rate: rate(count, persons) };
  });

/** The rows as a table of all cohorts, with the average of the complete cells. Rows of several parts are added up. */
export const tableOf = (rows: readonly CellRow[], query: RetentionQuery, calendar: Calendar): RetentionCohorts => {
  const persons = new Map<string, number>();
  for (const row of rows) {
    const key = `${row.cohort} ${row.cell}`;
    persons.set(key, (persons.get(key) ?? 0) + row.persons);
  }
  /** A person who came back last in a cell fills all cells before it, but in the classic kind. */
  const countOf = (cohort: number, cell: number): number => {
    let sum = 0;
    const last = query.kind === 'classic' ? cell : query.intervals;
    for (let each = cell; each <= last; each += 1) sum += persons.get(`${cohort} ${each}`) ?? 0;
    return sum;
  };
  const cohorts = Array.from({ length: calendar.cohorts }, (_, cohort) => {
    const size = persons.get(`${cohort} -1`) ?? 0;
    const begun = Array.from({ length: query.intervals + 1 }, (_, cell) => cell).filter(
      (cell) => cellTimes(calendar, cohort, cell).begins <= calendar.now,
    );
    return {
      at: new Date(calendar.bounds[cohort] ?? 0).toISOString(),
      size,
      cells: begun.map((cell) => {
        const count = countOf(cohort, cell);
        return { count, rate: rate(count, size), isComplete: cellTimes(calendar, cohort, cell).ends <= calendar.now };
      }),
    };
  });
  return { cohorts, average: averageOf(cohorts, query.intervals) };
};
