import { z } from 'zod';
import type { Action } from '../../schemas/action.ts';
import type { Discount } from '../../schemas/automation.ts';
import { Failure } from '../platform/failure.ts';
import type { Tokens } from '../platform/tokens.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { base32 } from './action-id.ts';
import { createInsert } from './insert.ts';

export type IssuedCode = { code: string; percent: number; expiresAt: string };
export type CodeState = IssuedCode & { redeemable: boolean; reason: string; orderId: string };

export type Discounts = {
  /** The code of an action: the same each time it is asked for, valid once this has resolved. */
  issue(action: Action, discount: Discount): Promise<IssuedCode>;
  /** @throws Failure `not_found` for a code that was never issued in this site. */
  look(site: string, code: string): Promise<CodeState>;
  /**
   * Uses the code up for an order. The same order again is fine; another order, or a code that is over, is refused.
   * @throws Failure `not_found`, `already_redeemed`, `expired`
   */
  redeem(site: string, code: string, orderId: string): Promise<IssuedCode & { orderId: string }>;
};

/** 50 bits: with single use and an expiry beyond guessing, and short enough to type. */
const codeLetters = 10;

const Issued = z.object({ percent: z.number(), expiresAt: z.string() });
const Redeemed = z.object({ orderId: z.string() });

const columns = ['site', 'code', 'action_id', 'person', 'percent', 'expires_at', 'kind', 'order_id', 'at'] as const;

const normalized = (code: string): string => code.trim().toUpperCase();

export const createDiscounts = (deps: { warehouse: Warehouse; tokens: Tokens; now: () => number }): Discounts => {
  const { warehouse, tokens, now } = deps;
  const insert = createInsert(warehouse, 'discounts', columns);
  /** Redemptions of a code wait for each other: of a hundred at once, one wins. */
  const turns = new Map<string, Promise<unknown>>();

  const codeOf = ({ site, id }: Pick<Action, 'site' | 'id'>): string => {
    const letters = base32(tokens.mac('discount', `${site}/${id}`)).slice(0, codeLetters);
    return `SAVE-${letters.slice(0, 5)}-${letters.slice(5)}`;
  };

  const find = async (site: string, code: string): Promise<CodeState> => {
    const [issued, redeemed] = await Promise.all([
      warehouse.query(
        sql`
          SELECT percent, expires_at AS expiresAt
          FROM discounts
          WHERE site = ${site}
            AND code = ${code}
            AND kind = 'issued'
          ORDER BY at DESC
          LIMIT 1`,
        Issued,
        { isLastWord: true },
      ),
      warehouse.query(
        sql`
          SELECT order_id AS orderId
          FROM (
            SELECT order_id, at FROM discounts WHERE site = ${site} AND code = ${code} AND kind = 'redeemed'
            UNION ALL
            SELECT order_id, timestamp AS at FROM events WHERE site = ${site} AND event = 'Order Completed' AND upper(coupon) = ${code}
          )
          ORDER BY at
          LIMIT 1`,
        Redeemed,
        { isLastWord: true },
      ),
    ]);
    const [found] = issued.rows;
    if (found === undefined) throw new Failure('not_found', `There is no code ${code}.`);
    const orderId = redeemed.rows[0]?.orderId ?? '';
    const isOver = Date.parse(found.expiresAt) < now();
    const reason = orderId !== '' ? 'already used' : isOver ? 'expired' : '';
    return { code, ...found, orderId, redeemable: reason === '', reason };
  };

  const redeemNow = async (site: string, code: string, orderId: string) => {
    const { redeemable: _redeemable, reason, orderId: usedFor, ...issued } = await find(site, code);
    if (usedFor === orderId) return { ...issued, orderId };
    if (reason === 'already used')
      throw new Failure('already_redeemed', `The code ${code} was used for another order.`);
    if (reason === 'expired') throw new Failure('expired', `The code ${code} was good until ${issued.expiresAt}.`);
    const row = [
      site,
      code,
      '',
      0,
      issued.percent,
      columnTime(Date.parse(issued.expiresAt)),
      'redeemed',
      orderId,
      columnTime(now()),
    ];
    await insert(row);
    return { ...issued, orderId };
  };

  return {
    issue: async (action, { percent, validSeconds }) => {
      const code = codeOf(action);
      // Counted from the request, so that a retry prints the same day.
      const expires = Date.parse(action.requestedAt) + validSeconds * 1000;
      const row = [
        action.site,
        code,
        action.id,
        action.person,
        percent,
        columnTime(expires),
        'issued',
        '',
        columnTime(now()),
      ];
      await insert(row);
      return { code, percent, expiresAt: new Date(expires).toISOString() };
    },
    look: (site, code) => find(site, normalized(code)),
    redeem: async (site, given, orderId) => {
      const code = normalized(given);
      const key = `${site} ${code}`;
      const before = turns.get(key) ?? Promise.resolve();
      const work = () => redeemNow(site, code, orderId);
      const result = before.then(work, work);
      const settled = result
        .catch(() => undefined)
        .then(() => {
          if (turns.get(key) === settled) turns.delete(key);
        });
      turns.set(key, settled);
      return result;
    },
  };
};
