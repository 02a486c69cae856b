import { z } from 'zod';
import type { Action } from '../../schemas/action.ts';
import type { Benefit } from '../../schemas/api/discounts.ts';
import { sql } from '../platform/warehouse/sql.ts';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { BenefitRow, benefitFrom } from '../questions/discounts/benefit.ts';
import { usesOf } from '../questions/discounts/uses.ts';
import { isActionAboutShopping, sameMatterSeconds } from '../questions/due/shopping.ts';
import { createGathered } from './gathered.ts';

/** A code that somebody got. `printed`: as the mail shows it; `pool`: '' for one of ours; `expiresAt` in milliseconds UTC; `isOwn`: by the same action. */
export type Standing = {
  code: string;
  printed: string;
  pool: string;
  benefit: Benefit;
  expiresAt: number;
  isOwn: boolean;
};

/** Asked about together: their names travel in the address of a question. */
const mostAsked = 500;

const Claimed = z.object({
  actionId: z.string(),
  userId: z.string(),
  automation: z.string(),
  occasion: z.string(),
  isAboutShopping: z.coerce.boolean(),
  isMailed: z.coerce.boolean(),
});
type Claimed = z.infer<typeof Claimed>;
const Given = BenefitRow.extend({
  actionId: z.string(),
  code: z.string(),
  printed: z.string(),
  pool: z.string(),
  expires: z.coerce.number(),
  issuedAt: z.coerce.number(),
});
type Given = z.infer<typeof Given>;
const Used = z.object({ code: z.string() });

type Question = { site: string; key: string };
const bySite = ({ site }: Question): string => site;

/**
 * The code that a person has for the occasion of an action: its own, from a try before, or that of another message about the same. About the same are messages of one automation's occasion,
 * and all about what the person is choosing just now (the basket, the checkout, what was taken out), of whichever automations. Of another message's only a code that is still good: not over, not used.
 */
export const createStandingCode = (deps: { warehouse: Warehouse; now: () => number }) => {
  const { warehouse, now } = deps;

  /** What was begun for a user lately, whatever its newest phase. Reads narrow columns of the ledger's parts of that time. */
  const claimed = createGathered<Question, readonly Claimed[]>({
    most: mostAsked,
    by: bySite,
    work: async (asked) => {
      const users = asked.map(({ key }) => key);
      const { rows } = await warehouse.query(
        sql`
          SELECT
            action_id AS actionId,
            any(user_id) AS userId,
            any(ledger.automation) AS automation,
            any(ledger.occasion) AS occasion,
            any(topic) = 'shopping' AS isAboutShopping,
            countIf(phase IN ('handing-over', 'sent', 'uncertain')) > 0 AS isMailed
          FROM ledger
          WHERE site = ${asked[0]?.site ?? ''}
            AND user_id IN (SELECT arrayJoin(${users}))
            AND at >= ${new Date(now() - sameMatterSeconds * 1000)}
          GROUP BY action_id
          HAVING countIf(phase = 'claimed') > 0`,
        Claimed,
        { isLastWord: true, resultRows: 1_000_000 },
      );
      const byUser = Map.groupBy(rows, ({ userId }) => userId);
      return users.map((user) => byUser.get(user) ?? []);
    },
  });

  const givenTo = createGathered<Question, readonly Given[]>({
    most: mostAsked,
    by: bySite,
    work: async (asked) => {
      const actions = asked.map(({ key }) => key);
      const { rows } = await warehouse.query(
        sql`
          SELECT
            action_id AS actionId,
            code,
            if(printed = '', code, printed) AS printed,
            pool,
            benefit,
            percent,
            toString(amount) AS amount,
            currency,
            toString(minimum) AS minimum,
            toUnixTimestamp64Milli(expires_at) AS expires,
            toUnixTimestamp64Milli(discounts.at) AS issuedAt
          FROM discounts
          WHERE site = ${asked[0]?.site ?? ''}
            AND action_id IN (SELECT arrayJoin(${actions}))
            AND kind = 'issued'`,
        Given,
        { isLastWord: true, resultRows: 1_000_000 },
      );
      const byAction = Map.groupBy(rows, ({ actionId }) => actionId);
      return actions.map((action) => byAction.get(action) ?? []);
    },
  });

  const isUsed = createGathered<Question, boolean>({
    most: mostAsked,
    by: bySite,
    work: async (asked) => {
      const site = asked[0]?.site ?? '';
      const codes = asked.map(({ key }) => key);
      const { rows } = await warehouse.query(sql`SELECT DISTINCT code FROM (${usesOf(site, codes)})`, Used, {
        isLastWord: true,
      });
      const used = new Set(rows.map(({ code }) => code));
      return codes.map((code) => used.has(code));
    },
  });

  /** A code that a mail has told of goes before one that was made for a mail that did not leave; of several the oldest. */
  const inOrder = (found: readonly (Given & { isMailed: boolean })[]) =>
    found.toSorted(
      (one, other) =>
        Number(other.isMailed) - Number(one.isMailed) ||
        one.issuedAt - other.issuedAt ||
        (one.code < other.code ? -1 : 1),
    );

  /** `withOwn`: its own code does not follow from its name, and has to be looked up. */
  return async (action: Action, { withOwn }: { withOwn: boolean }): Promise<Standing | null> => {
    const { site, id, userId, automation, occasion } = action;
    const isAboutShopping = isActionAboutShopping(action);
    const others = (await claimed({ site, key: userId })).filter(
      (each) =>
        each.actionId !== id &&
        ((each.automation === automation && each.occasion === occasion) || (each.isAboutShopping && isAboutShopping)),
    );
    const same = others.length > 0 || withOwn ? [...others, { actionId: id, isMailed: false }] : [];
    const given = await Promise.all(
      same.map(async ({ actionId, isMailed }) =>
        (await givenTo({ site, key: actionId })).map((each) => ({ ...each, isMailed })),
      ),
    );
    for (const each of inOrder(given.flat())) {
      const isOwn = each.actionId === id;
      if (!isOwn && (each.expires <= now() || (await isUsed({ site, key: each.code })))) continue;
      const { code, printed, pool, expires: expiresAt } = each;
      return { code, printed, pool, benefit: benefitFrom(each), expiresAt, isOwn };
    }
    return null;
  };
};
