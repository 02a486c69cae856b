import type { FunnelPerson, FunnelPersonsAnswer, FunnelPersonsQuery } from '../../../schemas/api/funnels.ts';
import { Failure } from '../../platform/failure.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { whoAre } from '../who.ts';
import { createAsked, type Run } from './asked.ts';
import { outcomeAt } from './figures.ts';
import { planOf } from './journeys.ts';
import { unitsWith } from './paths.ts';
import { type SolvedUnit, solveFunnel } from './solved.ts';

/** `hash of the unit : how many of its ways were shown`: where the next page begins. */
type Position = { hash: bigint; skip: number };
const parseCursor = (cursor: string | undefined): Position => {
  if (cursor === undefined) return { hash: 0n, skip: 0 };
  const match = /^(\d{1,20}):(\d{1,9})$/.exec(cursor);
  const hash = BigInt(match?.[1] ?? -1);
  if (hash < 0n || hash >= 2n ** 64n) throw new Failure('bad_request', 'cursor: not one that this route gave');
  return { hash, skip: Number(match?.[2]) };
};

const shown = (
  { unit, value, solved }: SolvedUnit,
  query: FunnelPersonsQuery,
): Omit<FunnelPerson, 'userId' | 'email'> => ({
  person: unit.person,
  unit: query.countBy === 'person' || query.countBy === 'entry' ? '' : unit.unit,
  value,
  isPending: solved.isPending,
  events: solved.filled().map(({ step, row: { event, messageId, time } }) => ({
    step,
    event,
    messageId,
    timestamp: new Date(time).toISOString(),
  })),
});

/** The people behind a bar of a funnel, each with the events of their way, in the order of their ids. */
export const funnelPersons = async (
  warehouse: Warehouse,
  site: { id: string },
  query: FunnelPersonsQuery,
  options: { now: number },
): Promise<FunnelPersonsAnswer> => {
  const { step, outcome, bucket, limit } = query;
  const asked = createAsked(warehouse, site, query, options.now);
  const run: Run = { by: 'nothing', only: bucket };
  const from = parseCursor(query.cursor);
  const units = await unitsWith(asked, run, { step, outcome, least: from.hash, most: limit + 1 });
  const plan = planOf(query);
  const found: { one: SolvedUnit; index: number }[] = [];
  if (units.length > 0)
    for await (const one of solveFunnel(asked, run, { units, isNamed: true }))
      if (outcomeAt(plan, one.solved.attempt, one.solved.isPending, step) === outcome) {
        const before = found.at(-1);
        found.push({ one, index: before?.one.unit === one.unit ? before.index + 1 : 0 });
      }
  const left = found.filter(({ one, index }) => one.unit.hash !== from.hash || index >= from.skip);
  const page = left.slice(0, limit).map(({ one }) => shown(one, query));
  const next = left[limit];
  const who = await whoAre(
    warehouse,
    site.id,
    page.map(({ person }) => person),
  );
  return {
    persons: page.map((person) => ({ userId: '', email: '', ...who.get(person.person), ...person })),
    nextCursor: next === undefined ? null : `${next.one.unit.hash}:${next.index}`,
    ...asked.cost(),
  };
};
