import { expect } from 'vitest';
import type { Sent } from './bodies.ts';
import type { Taken } from './contract.ts';
import { type Expected, expectedRow, readBody, type Told } from './reading.ts';

export type StoredRow = { message_id: string; type: string; properties: string; context: string; traits: string };
export type RejectedRow = { code: string; path: string; message: string; event: string };

const keyOf = (messageId: string, { type, properties, context, traits }: Omit<Expected, 'messageId'>): string =>
  JSON.stringify([messageId, type, properties, context, traits]);
const refusalKey = ({ code, path, message }: Omit<RejectedRow, 'event'>): string => `${code}\n${path}\n${message}`;

const add = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};

/** Numbers beyond doubles are what they are refused for, and no JSON: written so that two of them compare. */
const comparable = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? `${inner}` : inner,
  );

/** The event as it was written; with a context of its batch, what both say together. */
const isSame = (kept: string, { text, value, hasBatchContext }: Told): boolean =>
  hasBatchContext ? kept !== '' && comparable(JSON.parse(kept)) === comparable(value) : kept === text;

/** What a run was told, to be compared with what the warehouse holds at its end. Holds the events: one for each run of bodies. */
export const openBooks = () => {
  const accepted = new Map<string, number>();
  const refused = new Map<string, Told[]>();
  const sums = { accepted: 0, rejected: 0 };

  const checkStored = (rows: readonly StoredRow[]): void => {
    const stored = new Set<string>();
    for (const row of rows) {
      const key = [row.message_id, '*'].map((id) => keyOf(id, row)).find((each) => (accepted.get(each) ?? 0) > 0);
      if (key === undefined) expect.fail(`nobody sent this, or not so often: ${JSON.stringify(row).slice(0, 2000)}`);
      accepted.set(key, (accepted.get(key) ?? 0) - 1);
      stored.add(row.message_id);
    }
    const left = [...accepted].filter(([, times]) => times > 0).map(([key]) => key);
    const lost = left.filter((key) => !stored.has((JSON.parse(key) as [string])[0]));
    expect(lost.map((key) => key.slice(0, 2000)).slice(0, 3), `${lost.length} accepted, and not there`).toEqual([]);
    expect(rows.length).toBeLessThanOrEqual(sums.accepted);
  };

  const checkRejected = (rows: readonly RejectedRow[]): void => {
    expect(rows.length).toBe(sums.rejected);
    for (const row of rows) {
      const told = refused.get(refusalKey(row)) ?? [];
      const at = told.findIndex((each) => isSame(row.event, each));
      if (at < 0)
        expect.fail(
          `refused ${refusalKey(row)}, kept as ${row.event.slice(0, 500)}, not as ${told[0]?.text.slice(0, 500)}`,
        );
      told.splice(at, 1);
    }
  };

  return {
    sums,
    /** An answer of 200. */
    note: (sent: Sent, taken: Taken): void => {
      const events = readBody(sent, taken.accepted + taken.duplicates + taken.rejected, taken.rejected > 0);
      if (taken.errors.length !== taken.rejected) expect.fail(`${taken.rejected} refused, ${taken.errors.length} told`);
      const errors = new Map(taken.errors.map((error) => [error.index, error]));
      for (const [index, told] of events.entries()) {
        const error = errors.get(index);
        if (error === undefined) {
          const { messageId, ...row } = expectedRow(told, sent);
          const key = keyOf(messageId ?? '*', row);
          accepted.set(key, (accepted.get(key) ?? 0) + 1);
          sums.accepted += 1;
        } else {
          add(refused, refusalKey(error), told);
          sums.rejected += 1;
        }
      }
    },
    /** Every accepted event stands stored as it was sent, or is the double of one that does; every refused one is kept whole, with its reason. */
    check: (rows: readonly StoredRow[], rejected: readonly RejectedRow[]): void => {
      checkStored(rows);
      checkRejected(rejected);
    },
  };
};
