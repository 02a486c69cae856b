import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { due } from './due.ts';
import type { Asked } from './facts.ts';
import type { Noted } from './ledger.ts';
import type { Scene } from './scene.ts';

export type Replay = {
  messages: number;
  persons: number;
  heldOut: number;
  steps: { step: string; messages: number }[];
  /** How often it was looked at in between: what began and ended between two looks is not seen. */
  everySeconds: number;
};

const hour = 3_600_000;
/** What all looks together may take. */
const mostMilliseconds = 20_000;

/** Gaps that people know. */
const gaps = [1, 2, 3, 6, 12, 24].map((hours) => hours * hour);

/** One look takes so long: the smallest gap with which all of them fit. */
const gapFor = (milliseconds: number, oneLook: number): number =>
  gaps.find((gap) => (milliseconds / gap) * oneLook <= mostMilliseconds) ?? 24 * hour;

/**
 * What an automation would have sent, had it run from `from` until now by itself, under today's rules, segments and suppressions: the planner's own question,
 * asked for one time after the other, with a ledger of its own that begins empty. What its messages would have changed in people is not known.
 */
export const replay = async (
  warehouse: Warehouse,
  scene: Scene,
  asked: Asked,
  { from, now }: { from: number; now: number },
): Promise<Replay> => {
  const { cap } = scene.rules;
  const rules = { ...scene.rules, paused: false, cap: null };
  const noted: Noted[] = [];
  const byStep = new Map<string, number>();
  const capped = asked.document.purpose === 'marketing' ? cap : null;
  /** When each user was written to. */
  const sentAt = new Map<string, number[]>();
  const isCapped = (user: string, at: number): boolean =>
    capped !== null &&
    (sentAt.get(user) ?? []).filter((time) => time > at - capped.seconds * 1000).length >= capped.mails;

  const look = async (at: number, gap: number): Promise<void> => {
    const { document } = asked;
    // What comes between two looks would be too late at the next one, where it may be late by less than they lie apart.
    const trigger = { ...document.trigger, maxAgeSeconds: Math.max(document.trigger.maxAgeSeconds, gap / 1000) };
    const asOfThen = { ...asked, document: { ...document, trigger } };
    const found = await due(warehouse, { ...scene, rules }, asOfThen, { now: at, noted });
    for (const { occasion, step, actionId } of found.due) {
      if (isCapped(occasion.userId, at)) continue;
      noted.push({ actionId, userId: occasion.userId, occasion: occasion.occasion, phase: 'sent', at });
      sentAt.set(occasion.userId, [...(sentAt.get(occasion.userId) ?? []), at]);
      byStep.set(step.id, (byStep.get(step.id) ?? 0) + 1);
    }
    for (const { occasion, actionId } of found.heldOut)
      noted.push({ actionId, userId: occasion.userId, occasion: occasion.occasion, phase: 'held', at });
  };

  // Timed by a look at the present, where the most events lie behind: a shop that began in these days has nothing at their start.
  // The better of two: the first may have to wait for what the engine has not read for long.
  const took: number[] = [];
  for (let tries = 0; tries < 2; tries += 1) {
    const startedAt = performance.now();
    await due(warehouse, { ...scene, rules }, asked, { now, noted: [] });
    took.push(performance.now() - startedAt);
  }
  const gap = gapFor(now - from, Math.min(...took));
  await look(from, gap);
  for (let at = from + gap; at <= now; at += gap) await look(at, gap);
  const messages = noted.filter(({ phase }) => phase === 'sent').length;
  return {
    messages,
    persons: sentAt.size,
    heldOut: noted.length - messages,
    steps: [...byStep].map(([step, messages]) => ({ step, messages })),
    everySeconds: gap / 1000,
  };
};
