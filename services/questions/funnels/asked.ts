import type { Funnel, FunnelBucketChoice } from '../../../schemas/api/funnel-definition.ts';
import { Failure } from '../../platform/failure.ts';
import type { Sql } from '../../platform/warehouse/sql.ts';
import type { QueryLimits, RowSchema, Warehouse } from '../../platform/warehouse/warehouse.ts';

/** A question about a funnel, with what it has cost so far. */
export type Asked = {
  site: string;
  query: Funnel;
  now: number;
  ask<T>(statement: Sql, row: RowSchema<T>, limits?: QueryLimits): Promise<T[]>;
  cost(): { queryMs: number; rowsRead: number };
};

export const createAsked = (warehouse: Warehouse, site: { id: string }, query: Funnel, now: number): Asked => {
  const cost = { queryMs: 0, rowsRead: 0 };
  return {
    site: site.id,
    query,
    now,
    ask: async (statement, row, limits) => {
      const { rows, elapsedMs, rowsRead } = await warehouse.query(statement, row, limits);
      cost.queryMs += elapsedMs;
      cost.rowsRead += rowsRead;
      return rows;
    },
    cost: () => ({ queryMs: Math.round(cost.queryMs * 10) / 10, rowsRead: cost.rowsRead }),
  };
};

/**
 * Whose ways are asked for, and in which buckets they are put: one for all, one for each value of the breakdown, one for each interval of entry
 * (`starts`, milliseconds). `only`: of one row of the breakdown.
 */
export type Run = {
  by: 'nothing' | 'breakdown' | { starts: readonly number[] };
  only?: FunnelBucketChoice | undefined;
};

/** The query without a breakdown that the run has no use for. */
export const queryOf = ({ query }: Asked, { by, only }: Run): Funnel =>
  by === 'breakdown' || only !== undefined ? query : { ...query, breakdown: undefined };

export const isChosen = (value: string, only: FunnelBucketChoice | undefined): boolean => {
  if (only === undefined) return true;
  if (only.kind === 'none') return value === '';
  return only.kind === 'value' ? value === only.value : value !== '' && !only.shown.includes(value);
};

/** A funnel's way as both engines give it: reach and times of a unit in a bucket. */
export type Way = { unit: string; bucket: string; isPending: boolean; times: readonly number[] };

export const tooMuch = (why: string): Failure =>
  new Failure('query_limit', `${why}: narrow the range, the window or the steps.`);
