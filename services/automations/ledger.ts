import { z } from 'zod';
import type { Action, Phase, Settlement } from '../../schemas/action.ts';
import type { Logger } from '../platform/telemetry.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { createGathered } from './gathered.ts';
import { createInsert } from './insert.ts';
import type { LaneName, Page } from './lanes.ts';
import { KnownPhase, readAction } from './read-action.ts';
import { messageIdPrefix } from './told.ts';

/** The newest phase of an action. */
export type Standing = { phase: KnownPhase; sequence: number };

/** What a performer does with an action that it finds in a phase, e.g. after a crash. Pure; the table is in README.md. */
export const afterCrash = (
  phase: KnownPhase | null,
  isOutcomeKnowable: boolean,
): 'perform' | 'mark-uncertain' | 'report-sent' | 'leave' => {
  switch (phase) {
    case null:
    case 'requested':
    case 'claimed':
      // Nothing left our house yet.
      return 'perform';
    case 'handing-over':
      // The server may have taken it: only where that can be looked up may it be repeated.
      return isOutcomeKnowable ? 'perform' : 'mark-uncertain';
    case 'sent':
      // The event that tells of it may not have been written; written twice, it counts once.
      return 'report-sent';
    case 'held':
    case 'failed':
    case 'uncertain':
    case 'skipped':
    case 'unknown':
      return 'leave';
    default:
      return phase satisfies never;
  }
};

/** The phase that a person's decision puts an action into; null where there is nothing to decide any more. Pure. */
export const settled = (standing: Standing | null, { as, sequence }: Settlement): Phase | null => {
  if (standing?.phase !== 'uncertain' || standing.sequence !== sequence) return null;
  return as === 'sent' ? 'sent' : 'requested';
};

export type OnPartition = { action: Action; partition: number };

export type Ledger = {
  standing(action: Pick<Action, 'site' | 'id'>): Promise<Standing | null>;
  /** The first row of an action; `partition`: where it stands on the topic `actions`. Durable once resolved. */
  request(action: Action, partition: number): Promise<void>;
  /** Durable once resolved. `sequence` must be above the last. */
  record(action: Action, phase: Phase, sequence: number, reason?: string): Promise<void>;
  /** Automations with actions on these partitions that a performer had begun or was to begin. Reads the ledger's narrow columns, all of it. */
  unfinishedLanes(partitions: readonly number[]): Promise<LaneName[]>;
  /** Such actions of one automation, in the order of their ids; `upTo`: the last of them, null where none comes behind. What cannot be read is left out, and does not count as their end. */
  unfinished(page: Page, partitions: readonly number[]): Promise<{ found: OnPartition[]; upTo: string | null }>;
  /** Actions that were sent and whose "Email Sent" is no event yet: stopped in between. Within the days in which an event counts once. */
  untold(partitions: readonly number[], limit: number): Promise<OnPartition[]>;
};

const columns = [
  'site',
  'action_id',
  'automation',
  'automation_version',
  'step',
  'person',
  'user_id',
  'occasion',
  'phase',
  'sequence',
  'reason',
  'action',
  'at',
  'log_partition',
] as const;

/** Asked after together. */
const mostAsked = 1000;
/** Actions come up one by one, as others are done: asked for each by itself, their standings took a third of all that the engine did for a mail. */
const standingMilliseconds = 200;

/** Ids that were said to be unreadable; beyond it they are said again. */
const mostSaid = 10_000;

const StandingRow = z.object({ id: z.string(), phase: KnownPhase, sequence: z.number() });
const ActionRow = z.object({ id: z.string(), action: z.string(), partition: z.number() });
type ActionRow = z.infer<typeof ActionRow>;

const LaneRow = z.object({ site: z.string(), automation: z.string() });

/** Younger than the sink's memory of message ids, so that telling of it again cannot count twice. */
const toldWithinMilliseconds = 6 * 86_400_000;

/** What the ledger says was sent and no event tells of. Reads the "Email Sent" of those days; asked once, at a start. */
const sentAndUntold = (since: Date, partitions: readonly number[], limit: number) => sql`
          SELECT action_id AS id, any(action) AS action, max(log_partition) AS partition
          FROM ledger
          GROUP BY site, action_id
          HAVING countIf(phase = 'sent' AND at >= ${since}) > 0
            AND any(JSONExtractString(ledger.action, 'kind')) != 'webhook'
            AND has(${partitions}, partition)
            AND (site, ${messageIdPrefix} || action_id) NOT IN (
              SELECT site, message_id
              FROM events
              WHERE event = 'Email Sent'
                AND timestamp >= ${since}
            )
          ORDER BY min(at)
          LIMIT ${limit}`;

/** Of groups by action. */
const isUnfinishedOn = (partitions: readonly number[]) => sql`
  argMax(ledger.phase, ledger.sequence) IN ('requested', 'claimed', 'handing-over')
  AND has(${partitions}, max(ledger.log_partition))`;

const lanesOn = (partitions: readonly number[]) => sql`
  SELECT DISTINCT site, automation
  FROM (
    SELECT site, any(ledger.automation) AS automation
    FROM ledger
    GROUP BY site, action_id
    HAVING ${isUnfinishedOn(partitions)}
  )`;

/** Finds them by narrow columns of what is behind the last page, and reads only what they say whole. */
const pageOf = ({ site, automation, after, limit }: Page, partitions: readonly number[]) => sql`
  SELECT action_id AS id, any(ledger.action) AS action, max(log_partition) AS partition
  FROM ledger
  WHERE site = ${site}
    AND action_id IN (
      SELECT action_id
      FROM ledger
      WHERE site = ${site}
        AND automation = ${automation}
        AND action_id > ${after}
      GROUP BY action_id
      HAVING ${isUnfinishedOn(partitions)}
      ORDER BY action_id
      LIMIT ${limit}
    )
  GROUP BY action_id
  ORDER BY action_id`;

type Row = { action: Action; phase: Phase; sequence: number; reason: string; partition: number };

const rowOf = ({ action, phase, sequence, reason, partition }: Row, now: number): readonly unknown[] => [
  action.site,
  action.id,
  action.automation,
  action.automationVersion,
  action.step,
  action.person,
  action.userId,
  action.occasion,
  phase,
  sequence,
  reason.slice(0, 1000),
  JSON.stringify(action),
  columnTime(now),
  partition,
];

/** Newest phases of a site's actions. */
const standings = async (
  warehouse: Warehouse,
  site: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Standing>> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT action_id AS id, argMax(ledger.phase, ledger.sequence) AS phase, max(ledger.sequence) AS sequence
      FROM ledger
      WHERE site = ${site}
        AND action_id IN (SELECT arrayJoin(${[...ids]}))
      GROUP BY action_id`,
    StandingRow,
    { isLastWord: true },
  );
  return new Map(rows.map(({ id, ...standing }) => [id, standing]));
};

/** What cannot be read is left out, and said once: it must not hold up the others. */
const createReadable = (logger: Logger) => {
  const said = new Set<string>();
  return (rows: readonly ActionRow[]): OnPartition[] =>
    rows.flatMap(({ id, action: text, partition }) => {
      const action = readAction(text);
      if (action !== null) return [{ action, partition }];
      if (said.size >= mostSaid) said.clear();
      if (!said.has(id)) logger.error({ action: id }, 'an action in the ledger cannot be read: left out');
      said.add(id);
      return [];
    });
};

type Deps = { warehouse: Warehouse; logger: Logger; now: () => number };

/** Rows that are written at about the same time go in one insert, and so do questions for the newest phase. */
export const createLedger = ({ warehouse, logger, now }: Deps): Ledger => {
  const readable = createReadable(logger);
  const insert = createInsert(warehouse, 'ledger', columns);
  const write = (row: Row): Promise<void> => insert(rowOf(row, now()));
  const standing = createGathered<Pick<Action, 'site' | 'id'>, Standing | null>({
    paceMilliseconds: standingMilliseconds,
    most: mostAsked,
    by: ({ site }) => site,
    work: async (actions) => {
      const ids = actions.map(({ id }) => id);
      const found = await standings(warehouse, actions[0]?.site ?? '', ids);
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  return {
    standing,
    request: (action, partition) => write({ action, phase: 'requested', sequence: 1, reason: '', partition }),
    record: (action, phase, sequence, reason = '') => write({ action, phase, sequence, reason, partition: 0 }),
    unfinishedLanes: async (partitions) =>
      (await warehouse.query(lanesOn(partitions), LaneRow, { isLastWord: true })).rows,
    unfinished: async (page, partitions) => {
      // An action that is not seen now would not be looked for again.
      const { rows } = await warehouse.query(pageOf(page, partitions), ActionRow, { isLastWord: true });
      return { found: readable(rows), upTo: rows.length < page.limit ? null : (rows.at(-1)?.id ?? null) };
    },
    untold: async (partitions, limit) => {
      const since = new Date(now() - toldWithinMilliseconds);
      return readable((await warehouse.query(sentAndUntold(since, partitions, limit), ActionRow)).rows);
    },
  };
};
