import { Action } from '../../schemas/action.ts';
import type { Basket } from '../../schemas/api/abandonment.ts';
import { Automation } from '../../schemas/automation.ts';
import { Site } from '../../schemas/site.ts';
import type { Definition } from '../platform/definitions.ts';
import type { Platform } from '../platform/platform.ts';
import { type Candidate, due } from '../questions/due/due.ts';
import { actionId } from './action-id.ts';

/** Between two looks at who is due. */
const lookMilliseconds = 3000;
/** Actions that were appended a moment ago and may not be in the ledger yet; beyond it the oldest are forgotten. */
const rememberedActions = 100_000;

/** The id of the mail to a person about a basket as it was left. */
export const actionIdFor =
  (site: string, automation: string) =>
  (basket: Pick<Basket, 'userId'>, occasion: string): string =>
    actionId({ site, automation, userId: basket.userId, occasion, step: 1 });

/** A candidate as the action that the log carries: everything that the mail will say is in it. */
export const actionOf = (
  site: string,
  automation: { id: string; version: number },
  { basket, occasion, actionId: id }: Candidate,
  now: number,
): Action | null =>
  // Events may say absurd things (a price beyond all money): such a basket gets no mail, and holds up nobody else's.
  Action.safeParse({
    v: 1,
    id,
    site,
    automation: automation.id,
    automationVersion: automation.version,
    step: 1,
    person: basket.person,
    userId: basket.userId,
    email: basket.email,
    occasion,
    requestedAt: new Date(now).toISOString(),
    basket: {
      cartId: basket.cartId,
      items: basket.items,
      removed: basket.removed,
      value: basket.value,
      currency: basket.currency,
      lastActivity: basket.lastActivity,
    },
  } satisfies Action).data ?? null;

/** Asks who is due and puts what is to be done on the log. It does nothing itself, so running it twice does nothing twice. */
export const startPlanner = (platform: Platform): { close(): Promise<void> } => {
  const { definitions, warehouse, log, clock, telemetry } = platform;
  const stop = new AbortController();
  const appended = new Set<string>();

  const plan = async (site: Site, automation: Definition<Automation>): Promise<void> => {
    const now = clock.now();
    const { due: toWrite, heldBack } = await due(
      warehouse,
      site,
      { id: automation.id, document: automation.document, actionIdOf: actionIdFor(site.id, automation.id) },
      { now },
    );
    // Those held out go the same way up to the sending, so that the ledger knows to whom a mail would have gone.
    const candidates = [...toWrite, ...heldBack.filter(({ reason }) => reason === 'holdout')];
    const fresh = candidates.filter((candidate) => !appended.has(candidate.actionId));
    await log.append(
      'actions',
      fresh.flatMap((candidate) => {
        const action = actionOf(site.id, automation, candidate, now);
        if (action === null) return [];
        const key = `${site.id}/${action.userId}`;
        return [{ key, label: site.id, count: 1, value: Buffer.from(JSON.stringify(action)) }];
      }),
    );
    if (appended.size > rememberedActions) appended.clear();
    for (const candidate of fresh) appended.add(candidate.actionId);
  };

  const tryToPlan = async (site: Site, automation: Definition<Automation>): Promise<void> => {
    try {
      await plan(site, automation);
    } catch (error) {
      // only logged: the next look is the retry, and the other automations go on.
      telemetry.logger.warn({ err: error, site: site.id, automation: automation.id }, 'an automation was not planned');
    }
  };

  const look = async (): Promise<void> => {
    for (const { document: site } of await definitions.list('site', '', Site))
      for (const automation of await definitions.list('automation', site.id, Automation))
        if (automation.document.enabled && !stop.signal.aborted) await tryToPlan(site, automation);
  };

  const loop = (async () => {
    while (!stop.signal.aborted) {
      try {
        await look();
      } catch (error) {
        // only logged: the next look is the retry.
        telemetry.logger.warn({ err: error }, 'the planner could not look who is due');
      }
      await clock.sleep(lookMilliseconds, stop.signal);
    }
  })();
  return {
    close: async () => {
      stop.abort();
      await loop;
    },
  };
};
