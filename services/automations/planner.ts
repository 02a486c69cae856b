import type { z } from 'zod';
import { Action } from '../../schemas/action.ts';
import { type Automation, actingSteps, StoredAutomation } from '../../schemas/automation.ts';
import { Site } from '../../schemas/site.ts';
import type { Definition } from '../platform/definitions.ts';
import type { Platform } from '../platform/platform.ts';
import { type Candidate, due } from '../questions/due/due.ts';
import { variantOf } from '../questions/due/holdout.ts';
import type { Scene } from '../questions/due/scene.ts';
import { type Addressee, addressees } from '../questions/people/addressee.ts';
import { askedOf } from './asked.ts';
import { personOf } from './lanes.ts';
import { performerGroup } from './performer.ts';
import { sceneOf } from './scene.ts';

/** Between two looks at who is due; longer if the last one took longer, so that looking takes half of the time at most. */
const lookMilliseconds = 3000;
/** Actions that were appended and may not be in the ledger yet; beyond it the oldest are forgotten. */
const rememberedActions = 500_000;
/** Appended at a time: the log takes so many megabytes. */
const actionsAtOnce = 500;

/** A candidate as the action that the log carries: everything that the message will say is in it. */
const actionOf = (
  site: string,
  automation: Definition<Automation>,
  { occasion, step, actionId: id, dueAt }: Candidate,
  { now, addressee }: { now: number; addressee: Addressee | undefined },
): Action | null => {
  const { person, userId, email, basket, event } = occasion;
  // Events may say absurd things (a price beyond all money): what they are about gets no mail, and holds up nobody else's.
  return (
    Action.safeParse({
      v: 1,
      id,
      site,
      automation: automation.id,
      automationVersion: automation.version,
      step: 1 + actingSteps(automation.document.steps).findIndex((each) => each.id === step.id),
      stepId: step.id,
      kind: step.kind,
      purpose: automation.document.purpose,
      variant:
        step.kind === 'email'
          ? variantOf({ site, automation: automation.id, stepId: step.id }, 1 + step.variants.length, userId)
          : 0,
      person,
      userId,
      email,
      addressee,
      occasion: occasion.occasion,
      requestedAt: new Date(now).toISOString(),
      dueAt: new Date(dueAt).toISOString(),
      basket,
      event,
    } satisfies z.input<typeof Action>).data ?? null
  );
};

/** Highest priority first; of equals, by id, so that every look says the same. */
const byPriority = (one: Definition<Automation>, other: Definition<Automation>): number =>
  other.document.priority - one.document.priority || (one.id < other.id ? -1 : 1);

/** One look at who is due in all sites: what is to be done is put on the log. It does nothing itself, so looking twice does nothing twice. */
export const createLook = (platform: Platform): ((signal: AbortSignal) => Promise<void>) => {
  const { definitions, warehouse, log, clock } = platform;
  const { logger } = platform.telemetry;
  const appended = new Set<string>();
  const remember = (id: string): void => {
    appended.add(id);
    const [oldest = id] = appended;
    if (appended.size > rememberedActions) appended.delete(oldest);
  };

  /** `taken`: users to whom this look has already planned a marketing message; the others of theirs wait for the next. */
  const plan = async (scene: Scene, automation: Definition<Automation>, taken: Set<string>): Promise<void> => {
    const now = clock.now();
    const { id: site } = scene.site;
    const found = await due(warehouse, scene, askedOf(site, automation), { now });
    const isMarketing = automation.document.purpose === 'marketing';
    const toWrite = found.due.filter(({ occasion }) => !isMarketing || !taken.has(occasion.userId));
    // Those held out go the same way up to the sending, so that the ledger knows to whom a mail would have gone.
    const fresh = [...toWrite, ...found.heldOut].filter((candidate) => !appended.has(candidate.actionId));
    const mailed = fresh.filter(({ step }) => step.kind === 'email').map(({ occasion }) => occasion.person);
    const named = await addressees(warehouse, site, mailed);
    for (let first = 0; first < fresh.length; first += actionsAtOnce) {
      const some = fresh.slice(first, first + actionsAtOnce);
      await log.append(
        'actions',
        some.flatMap((candidate) => {
          const addressee = named.get(candidate.occasion.person);
          const action = actionOf(site, automation, candidate, { now, addressee });
          if (action === null) return [];
          return [{ key: personOf(action), label: site, count: 1, value: Buffer.from(JSON.stringify(action)) }];
        }),
      );
      for (const { actionId } of some) remember(actionId);
    }
    // Also those held out: another automation's message is to come to them neither sooner nor later than to those who got this one.
    if (isMarketing) for (const { occasion } of [...toWrite, ...found.heldOut]) taken.add(occasion.userId);
  };

  const planSite = async (site: Site, signal: AbortSignal): Promise<void> => {
    const scene = await sceneOf(platform, site);
    if (scene.rules.paused) return;
    const taken = new Set<string>();
    const automations = await definitions.list('automation', site.id, StoredAutomation);
    for (const automation of automations.filter(({ document }) => document.enabled).sort(byPriority)) {
      if (signal.aborted) return;
      try {
        await plan(scene, automation, taken);
      } catch (error) {
        // only logged: the next look is the retry, and the other automations go on.
        logger.warn({ err: error, site: site.id, automation: automation.id }, 'an automation was not planned');
      }
    }
  };

  return async (signal) => {
    for (const { document: site } of await definitions.list('site', '', Site))
      if (!signal.aborted) await planSite(site, signal);
  };
};

/** Looks again and again. */
export const startPlanner = (platform: Platform): { close(): Promise<void> } => {
  const { clock, telemetry } = platform;
  const stop = new AbortController();
  const look = createLook(platform);

  /** What was planned before us stands in the ledger, perhaps under another name of its occasion. Where it cannot be read from the log, nothing could be done now anyway. */
  const isNoted = async (): Promise<boolean> => (await platform.log.lag('actions', performerGroup)) === 0;

  const loop = (async () => {
    const begun = { is: false };
    while (!stop.signal.aborted) {
      const startedAt = performance.now();
      try {
        begun.is ||= await isNoted();
        if (begun.is) await look(stop.signal);
      } catch (error) {
        // only logged: the next look is the retry.
        telemetry.logger.warn({ err: error }, 'the planner could not look who is due');
      }
      await clock.sleep(Math.max(lookMilliseconds, performance.now() - startedAt), stop.signal);
    }
  })();
  return {
    close: async () => {
      stop.abort();
      await loop;
    },
  };
};
