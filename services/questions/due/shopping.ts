import { z } from 'zod';
import type { Action } from '../../../schemas/action.ts';
import type { Trigger } from '../../../schemas/automation.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { basketEvents, lookEvents, orderEvent } from '../abandonment/fold.ts';
import { inPieces } from '../pieces.ts';
import { isCalled, type Occasion } from './occasion.ts';

/** What somebody does who is still choosing. The ledger's column `topic` has them too. */
export const shoppingEvents = [...lookEvents, ...basketEvents].filter((event) => event !== orderEvent);

/**
 * Whether its messages are about what a person is choosing just now: the basket, the checkout, what they looked at or took out. Messages of several automations about it are to them about one
 * and the same thing.
 */
export const isAboutShopping = (trigger: Trigger): boolean => {
  switch (trigger.kind) {
    case 'abandoned-basket':
    case 'abandoned-checkout':
    case 'browsed':
      return true;
    case 'event':
      return shoppingEvents.includes(trigger.event);
    case 'product-news':
    case 'lapsed':
    case 'segment':
      return false;
    default:
      return trigger satisfies never;
  }
};

/** The same of an action, by what it carries; as the ledger's column `topic` says it. */
export const isActionAboutShopping = ({ purpose, basket, event }: Action): boolean =>
  purpose === 'marketing' && (basket !== null || (event !== null && shoppingEvents.includes(event.name)));

/** What was said longer ago was about something else. It bounds what is read of the ledger, too. */
export const sameMatterSeconds = 30 * 86_400;

/** Another automation's message about it keeps an automation from beginning for `reentrySeconds`, and for so long at most. */
const mostSeconds = 86_400;

const Row = z.object({ userId: z.string(), automation: z.string(), occasion: z.string() });

type Question = {
  site: string;
  automation: string;
  reentrySeconds: number;
  now: number;
  /** What is on its way counts as well: before something else is planned. At the moment of sending only what has gone does, else two would wait for each other. */
  withUnderWay: boolean;
};

/**
 * Whether another automation wrote to the person lately about what they are choosing, while this one has not begun with the occasion. Who was held out counts as written to: what happens to them
 * afterwards must be what happens to those who got the mail.
 */
export const toldByAnother = async (
  warehouse: Warehouse,
  { site, automation, reentrySeconds, now, withUnderWay }: Question,
  users: readonly string[],
): Promise<(occasion: Occasion) => boolean> => {
  const byUser = new Map<string, z.infer<typeof Row>[]>();
  const since = new Date(now - Math.min(reentrySeconds, mostSeconds) * 1000);
  const phases = ['sent', 'uncertain', ...(withUnderWay ? ['requested', 'claimed', 'handing-over'] : [])];
  for (const some of inPieces(users)) {
    const { rows } = await warehouse.query(
      sql`
        SELECT any(user_id) AS userId, any(ledger.automation) AS automation, any(ledger.occasion) AS occasion
        FROM ledger
        WHERE site = ${site}
          AND user_id IN (SELECT arrayJoin(${some}))
          AND at >= ${new Date(now - sameMatterSeconds * 1000)}
          AND (at >= ${since} OR automation = ${automation})
          AND topic = 'shopping'
        GROUP BY action_id
        HAVING argMax(phase, sequence) IN (SELECT arrayJoin(${phases}))
          OR argMax((phase, reason), sequence) = ('held', 'holdout')`,
      Row,
      { isLastWord: true, resultRows: 1_000_000 },
    );
    for (const row of rows) byUser.set(row.userId, [...(byUser.get(row.userId) ?? []), row]);
  }
  return (occasion) => {
    const messages = byUser.get(occasion.userId) ?? [];
    const isBegun = messages.some((each) => each.automation === automation && isCalled(occasion, each.occasion));
    return !isBegun && messages.some((each) => each.automation !== automation);
  };
};
