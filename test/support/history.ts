import { z } from 'zod';
import { columnTime } from '../../services/platform/warehouse/column-time.ts';
import { sql } from '../../services/platform/warehouse/sql.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { eventRow } from '../../services/sink/row.ts';
import { insertRows } from './rows.ts';

/** A row of the table `events` by its columns; `timestamp` in milliseconds UTC. */
export type HistoryRow = {
  timestamp: number;
  event: string;
  message_id: string;
  user_id?: string;
  anonymous_id?: string;
  [column: string]: string | number | null | undefined;
};
/** An event as a client sends it, as the row that the sink makes of it. */
export const sentRow = (
  at: number,
  messageId: string,
  event: Readonly<Record<string, unknown>>,
  channel: 'browser' | 'server' | 'import' | 'internal' = 'browser',
): HistoryRow => {
  const header = { v: 1, site: '', receivedAt: at, sentAt: null, channel, type: null, ip: '', userAgent: '' } as const;
  const sent = { ...event, messageId, timestamp: new Date(at).toISOString() };
  const row = eventRow(header, sent, { partition: 0, offset: 0, index: 0 }, () => ({
    browser: '',
    os: '',
    device: '',
  }));
  const { site: _site, original_timestamp: _original, sent_at: _sent, received_at: _received, ...rest } = row;
  return rest;
};

/** The id of a user's person. */
export const personOf = async (warehouse: Warehouse, site: string, user: string): Promise<string> => {
  const question = sql`SELECT toString(sipHash64(${site}, 'user', ${user})) AS person`;
  const { rows } = await warehouse.query(question, z.object({ person: z.string() }));
  return rows[0]?.person ?? '';
};

export type HistoryLink = { device: string; user: string; at: number; messageId?: string };

/** In an order that has nothing to do with time, and the same each run. */
export const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((item, index) => ({ item, key: (index * 7919) % 10_007 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

/**
 * Writes rows and links as the sink would have, shuffled; a row that stands several times in `rows` does so in the table, since merges are
 * stopped. The dictionary of identities knows the links afterwards.
 */
export const store = async (
  warehouse: Warehouse,
  site: string,
  rows: readonly HistoryRow[],
  links: readonly HistoryLink[] = [],
): Promise<void> => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const defaults = { type: 'track', channel: 'browser' };
  const all = ['site', 'type', 'channel', ...columns.filter((column) => !(column in defaults))];
  const valuesOf = (row: HistoryRow): unknown[] => {
    const values: Record<string, unknown> = { ...defaults, ...row, site, timestamp: columnTime(row.timestamp) };
    return all.map((column) => values[column] ?? null);
  };
  await warehouse.command(sql`SYSTEM STOP MERGES events`);
  await insertRows(warehouse, 'events', all, shuffled(rows).map(valuesOf));
  if (links.length === 0) return;
  await insertRows(
    warehouse,
    'identities',
    ['site', 'anonymous_id', 'user_id', 'linked_at', 'message_id'],
    links.map(({ device, user, at, messageId = 'link' }) => [site, device, user, columnTime(at), messageId]),
  );
  await warehouse.command(sql`SYSTEM RELOAD DICTIONARY identity`);
};
