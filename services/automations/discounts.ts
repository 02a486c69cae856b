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
import {
  BenefitRow,
  benefitColumns,
  benefitFrom,
  benefitOf,
  benefitValues,
  isAtLeastAsGood,
} from '../questions/discounts/benefit.ts';
import { usesOf } from '../questions/discounts/uses.ts';
import { base32 } from './action-id.ts';
import { createClaims } from './claims.ts';
import { createInsert } from './insert.ts';
import { normalized } from './pools/names.ts';
import { createTake } from './pools/take.ts';
import { createStandingCode, type Standing } from './standing-code.ts';

/** `code` as it is printed; `expiresAt` counted from when it is issued, and anew at each try: the mail that goes out has all of its time. */
export type IssuedCode = Benefit & { code: string; expiresAt: string };
export type CodeState = IssuedCode & { redeemable: boolean; reason: string; orderId: string };

export type Discounts = {
  /**
   * The code of an action: the same each time it is asked for, and the one that the person has already for the same occasion; valid once this has resolved. Of what is asked for one time and the
   * other it is good for the better. Null: its pool has none left.
   */
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
const Issued = BenefitRow.extend({ printed: z.string(), code: z.string(), expiresAt: z.string() });
type Given = Pick<Standing, 'code' | 'printed' | 'pool'>;
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

/** What a code is good for that was promised before and is promised again: a promise is kept. What the shop's own codes are good for is set up there, and a step only says it. */
const betterOf = (
  standing: Standing,
  asked: Pick<Standing, 'benefit' | 'expiresAt'>,
): Pick<Standing, 'benefit' | 'expiresAt'> => ({
  benefit: (standing.pool === '' ? isAtLeastAsGood(asked.benefit, standing.benefit) : standing.isOwn)
    ? asked.benefit
    : standing.benefit,
  expiresAt: Math.max(asked.expiresAt, standing.expiresAt),
});

export const createDiscounts = (deps: { warehouse: Warehouse; tokens: Tokens; now: () => number }): Discounts => {
  const { warehouse, tokens, now } = deps;
  const insert = createInsert(warehouse, 'discounts', columns);
  const claims = createClaims({ warehouse, now });
  const take = createTake({ warehouse, claims, now });
  const standingCode = createStandingCode({ warehouse, now });
  /** Redemptions of a code wait for each other here: of a hundred at once, one wins, and there are no ties. */
  const turns = createTurns();

  const signedCode = ({ site, id }: Pick<Action, 'site' | 'id'>): string => {
    const letters = base32(tokens.mac('discount', `${site}/${id}`)).slice(0, codeLetters);
    return `SAVE-${letters.slice(0, 5)}-${letters.slice(5)}`;
  };

  const write = async (
    action: Action,
    { code, printed, pool }: Given,
    { benefit, expiresAt }: Pick<Standing, 'benefit' | 'expiresAt'>,
  ): Promise<IssuedCode> => {
    const who = [action.id, action.person, action.automation, pool];
    const what = [...benefitValues(benefit), columnTime(expiresAt)];
    await insert([action.site, code, printed, ...who, ...what, 'issued', '', columnTime(now())]);
    return { ...benefit, code: printed, expiresAt: new Date(expiresAt).toISOString() };
  };

  const newCode = async (action: Action, { pool }: Discount): Promise<Given | null> => {
    if (pool !== undefined) {
      const taken = await take({ site: action.site, pool, claimant: action.id });
      return taken === null ? null : { ...taken, pool };
    }
    const code = signedCode(action);
    return { code, printed: code, pool: '' };
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
          SELECT usedFor AS orderId
          FROM (${usesOf(site, [code])})
          -- Anybody can send events, with any time: where the shop has redeemed it, its word holds.
          ORDER BY isByEvent, usedAt
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
    issue: async (action, discount) => {
      const asked = { benefit: benefitOf(discount), expiresAt: now() + discount.validSeconds * 1000 };
      const standing = await standingCode(action, { withOwn: discount.pool !== undefined });
      if (standing !== null) return write(action, standing, betterOf(standing, asked));
      const code = await newCode(action, discount);
      return code === null ? null : write(action, code, asked);
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
