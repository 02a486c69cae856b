import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Action } from '../../schemas/action.ts';
import type { Benefit } from '../../schemas/api/discounts.ts';
import type { Discount } from '../../schemas/automation.ts';
import { Failure } from '../platform/failure.ts';
import type { Tokens } from '../platform/tokens.ts';
import { createTurns } from '../platform/turns.ts';
import { columnTime } from '../platform/warehouse/column-time.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { BenefitRow, benefitColumns, benefitFrom, benefitOf, benefitValues } from '../questions/discounts/benefit.ts';
import { base32 } from './action-id.ts';
import { createClaims } from './claims.ts';
import { createGathered } from './gathered.ts';
import { createInsert } from './insert.ts';
import { normalized } from './pools/names.ts';
import { createTake } from './pools/take.ts';

/** `code` as it is printed; `expiresAt` counted from when it is issued, and anew at each try: the mail that goes out has all of its time. */
export type IssuedCode = Benefit & { code: string; expiresAt: string };
export type CodeState = IssuedCode & { redeemable: boolean; reason: string; orderId: string };

export type Discounts = {
  /** The code of an action: the same each time it is asked for, good for what is asked for last, valid once this has resolved. Null: its pool has none left. */
  issue(action: Action, discount: Discount): Promise<IssuedCode | null>;
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
/** Of several machines that redeem a code in the same moment perhaps none wins: each tries again, so often, after up to so long. */
const mostTies = 8;
const longestTieMilliseconds = 100;
/** Actions whose codes are asked for together. */
const mostAsked = 500;

const Issued = BenefitRow.extend({ printed: z.string(), code: z.string(), expiresAt: z.string() });
const Given = z.object({ code: z.string(), printed: z.string(), pool: z.string() });
type Given = z.infer<typeof Given>;
const GivenTo = Given.extend({ actionId: z.string() });
/** Whoever ordered without an id has used the code all the same. */
const Redeemed = z.object({ orderId: z.string() });

const columns = [
  'site',
  'code',
  'printed',
  'action_id',
  'person',
  'automation',
  'pool',
  ...benefitColumns,
  'expires_at',
  'kind',
  'order_id',
  'at',
] as const;

const issuedColumns = sql`
  code,
  printed,
  benefit,
  percent,
  toString(amount) AS amount,
  currency,
  toString(minimum) AS minimum,
  expires_at AS expiresAt`;

const issuedCode = ({ code, printed, expiresAt, ...row }: z.infer<typeof Issued>): IssuedCode => ({
  ...benefitFrom(row),
  code: printed || code,
  expiresAt,
});

export const createDiscounts = (deps: { warehouse: Warehouse; tokens: Tokens; now: () => number }): Discounts => {
  const { warehouse, tokens, now } = deps;
  const insert = createInsert(warehouse, 'discounts', columns);
  const claims = createClaims({ warehouse, now });
  const take = createTake({ warehouse, claims, now });
  /** Redemptions of a code wait for each other here: of a hundred at once, one wins, and there are no ties. */
  const turns = createTurns();

  const signedCode = ({ site, id }: Pick<Action, 'site' | 'id'>): string => {
    const letters = base32(tokens.mac('discount', `${site}/${id}`)).slice(0, codeLetters);
    return `SAVE-${letters.slice(0, 5)}-${letters.slice(5)}`;
  };

  /** What the actions got from pools before: only that tells, since nothing about the action says which. */
  const givenTo = createGathered<Action, Given | null>({
    most: mostAsked,
    by: ({ site }) => site,
    work: async (actions) => {
      const { rows } = await warehouse.query(
        sql`
          SELECT action_id AS actionId, code, printed, pool
          FROM discounts
          WHERE site = ${actions[0]?.site ?? ''}
            AND action_id IN (SELECT arrayJoin(${actions.map(({ id }) => id)}))
            AND kind = 'issued'
            AND pool != ''
          ORDER BY at DESC, code DESC`,
        GivenTo,
        { isLastWord: true },
      );
      // The first that it got.
      const found = new Map(rows.map(({ actionId, ...given }) => [actionId, given]));
      return actions.map(({ id }) => found.get(id) ?? null);
    },
  });

  const write = async (action: Action, discount: Discount, { code, printed, pool }: Given): Promise<IssuedCode> => {
    const benefit = benefitOf(discount);
    const expires = now() + discount.validSeconds * 1000;
    const who = [action.id, action.person, action.automation, pool];
    const what = [...benefitValues(benefit), columnTime(expires)];
    await insert([action.site, code, printed, ...who, ...what, 'issued', '', columnTime(now())]);
    return { ...benefit, code: printed, expiresAt: new Date(expires).toISOString() };
  };

  const fromPool = async (action: Action, discount: Discount, pool: string): Promise<IssuedCode | null> => {
    const before = await givenTo(action);
    if (before !== null) return write(action, discount, before);
    const taken = await take({ site: action.site, pool, claimant: action.id });
    return taken === null ? null : write(action, discount, { ...taken, pool });
  };

  const find = async (site: string, code: string): Promise<CodeState> => {
    const [issued, redeemed] = await Promise.all([
      warehouse.query(
        sql`
          SELECT ${issuedColumns}
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
            SELECT order_id, at, 1 AS isByShop FROM discounts WHERE site = ${site} AND code = ${code} AND kind = 'redeemed'
            UNION ALL
            SELECT order_id, timestamp AS at, 0 AS isByShop FROM events WHERE site = ${site} AND event = 'Order Completed' AND upper(coupon) = ${code}
          )
          -- Anybody can send events, with any time: where the shop has redeemed it, its word holds.
          ORDER BY isByShop DESC, at
          LIMIT 1`,
        Redeemed,
        { isLastWord: true },
      ),
    ]);
    const [row] = issued.rows;
    if (row === undefined) throw new Failure('not_found', `There is no code ${code}.`);
    const found = issuedCode(row);
    const [use] = redeemed.rows;
    const isOver = Date.parse(found.expiresAt) < now();
    const reason = use !== undefined ? 'already used' : isOver ? 'expired' : '';
    return { ...found, orderId: use?.orderId ?? '', redeemable: reason === '', reason };
  };

  /** Null: a tie. */
  const redeemOnce = async (
    site: string,
    code: string,
    orderId: string,
  ): Promise<(IssuedCode & { orderId: string }) | null> => {
    const { redeemable: _redeemable, reason, orderId: usedFor, ...issued } = await find(site, code);
    if (usedFor === orderId) return { ...issued, orderId };
    if (reason === 'already used')
      throw new Failure('already_redeemed', `The code ${code} was used for another order.`);
    if (reason === 'expired') throw new Failure('expired', `The code ${code} was good until ${issued.expiresAt}.`);
    // Claimed before it is noted, so that of two machines one at most notes it.
    if (!(await claims.claim({ site, subject: `redemption/${code}`, claimant: orderId }))) return null;
    const what = [...benefitValues(issued), columnTime(Date.parse(issued.expiresAt))];
    await insert([site, code, issued.code, '', 0, '', '', ...what, 'redeemed', orderId, columnTime(now())]);
    return { ...issued, orderId };
  };

  return {
    issue: (action, discount) => {
      if (discount.pool !== undefined) return fromPool(action, discount, discount.pool);
      const code = signedCode(action);
      return write(action, discount, { code, printed: code, pool: '' });
    },
    look: (site, code) => find(site, normalized(code)),
    redeem: (site, given, orderId) => {
      const code = normalized(given);
      return turns.take(`${site} ${code}`, async () => {
        for (let ties = 0; ties < mostTies; ties += 1) {
          const redeemed = await redeemOnce(site, code, orderId);
          if (redeemed !== null) return redeemed;
          await delay(Math.random() * longestTieMilliseconds);
        }
        // So many in a row are no ties: somebody has claimed it, and was perhaps killed before they noted it.
        throw new Failure('already_redeemed', `The code ${code} is being used for another order.`);
      });
    },
  };
};
