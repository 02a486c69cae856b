import type { ActingStep, Step } from '../../../schemas/automation.ts';
import type { Criterion } from '../../../schemas/segment.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { eligibility, type HeldReason } from './eligibility.ts';
import { type Asked, factsAbout, isEmptyBasket, membership } from './facts.ts';
import { isMessage, isOver, type Noted, notedOf } from './ledger.ts';
import { isCalled, type Occasion } from './occasion.ts';
import { occasionsOf } from './occasions.ts';
import type { Scene } from './scene.ts';
import { type Place, placeIn } from './walk.ts';

/** A step that has come for a person. `dueAt`: when it had, milliseconds UTC. */
export type Candidate = { occasion: Occasion; step: ActingStep; actionId: string; dueAt: number };
export type Held = { occasion: Occasion; step: ActingStep | null; reason: HeldReason };
/** `heldOut`: nothing but the holdout speaks against them. */
export type Due = { due: Candidate[]; heldOut: Candidate[]; heldBack: Held[] };

type Placed = { occasion: Occasion; place: Place };

const criteriaIn = (steps: readonly Step[]): Criterion[] =>
  steps.flatMap((step) => (step.kind === 'branch' ? [step.if, ...criteriaIn(step.yes), ...criteriaIn(step.no)] : []));

/** Of those to whom nothing is due: why. What is asked of the warehouse about the others is not asked about them. */
const undecided = {
  isSuppressed: false,
  hasConsent: true,
  isEnded: false,
  isToldByAnother: false,
  isCapped: false,
  isPaused: false,
  isQuiet: false,
  isHeldOut: false,
};

/**
 * Whose step has come now, and why it has not for the others. Asked by the planner, by the preview and by nobody else, so that they cannot disagree. Its
 * cost grows with what happened within the automation's times, not with all people. `noted`: what the ledger is to say, where it is not the real one.
 */
export const due = async (
  warehouse: Warehouse,
  scene: Scene,
  asked: Asked,
  { now, noted: notedBefore }: { now: number; noted?: readonly Noted[] },
): Promise<Due> => {
  const { document } = asked;
  const occasions = await occasionsOf(warehouse, scene, document, { now });
  const criteria = [...(document.only === undefined ? [] : [document.only]), ...criteriaIn(document.steps)];
  const [noted, isMember] = await Promise.all([
    notedBefore ??
      notedOf(
        warehouse,
        scene.site.id,
        asked.id,
        occasions.map(({ userId }) => userId),
      ),
    membership(warehouse, scene, criteria, occasions),
  ]);
  const byAction = new Map(noted.map((each) => [each.actionId, each]));
  const byUser = Map.groupBy(noted, ({ userId }) => userId);

  /** The last that was done of a step, by whichever name of the occasion. */
  const pastOf = (occasion: Occasion, stepId: string): Noted | undefined => {
    const names = (byUser.get(occasion.userId) ?? []).map((each) => each.occasion);
    return [...new Set(names)]
      .filter((name) => isCalled(occasion, name))
      .map((name) => byAction.get(asked.actionIdOf({ ...occasion, occasion: name }, stepId)))
      .filter((each) => each !== undefined)
      .sort((one, other) => other.at - one.at)[0];
  };

  const placed: Placed[] = occasions.map((occasion) => ({
    occasion,
    place: placeIn({
      steps: document.steps,
      at: occasion.at,
      now,
      maxAgeMilliseconds: document.trigger.maxAgeSeconds * 1000,
      past: ({ id }) => {
        const past = pastOf(occasion, id);
        return past === undefined ? undefined : { at: past.at, isOver: isOver(past), isUnsent: !isMessage(past) };
      },
      isIn: (criterion) => isMember(criterion, occasion.person),
    }),
  }));
  const come = placed.filter(({ place }) => place.kind === 'due').map(({ occasion }) => occasion);
  const factsOf = await factsAbout(warehouse, scene, asked, come, { now, others: notedBefore ? 'none' : 'planned' });
  const isRecent = (occasion: Occasion): boolean => {
    const own = (byUser.get(occasion.userId) ?? []).filter(isMessage);
    // Who is in goes on: the re-entry time is between one occasion and the next.
    if (own.some((each) => isCalled(occasion, each.occasion))) return false;
    return own.some(({ at }) => at >= now - document.reentrySeconds * 1000);
  };

  const answer: Due = { due: [], heldOut: [], heldBack: [] };
  for (const { occasion, place } of placed) {
    const { step } = place;
    const verdict = eligibility({
      ...(place.kind === 'due' ? factsOf(occasion) : undecided),
      isEmpty: isEmptyBasket(occasion),
      isIn: document.only === undefined || isMember(document.only, occasion.person),
      hasAccount: occasion.userId !== '',
      isMail: step?.kind !== 'webhook',
      hasEmail: occasion.email !== '',
      place: place.kind,
      isWrittenRecently: place.kind === 'due' && isRecent(occasion),
    });
    const isCandidate = place.kind === 'due' && (verdict.kind === 'due' || verdict.reason === 'holdout');
    if (isCandidate) {
      const actionId = asked.actionIdOf(occasion, place.step.id);
      const candidate = { occasion, step: place.step, actionId, dueAt: place.at };
      (verdict.kind === 'due' ? answer.due : answer.heldOut).push(candidate);
    } else if (verdict.kind === 'held') answer.heldBack.push({ occasion, step, reason: verdict.reason });
  }
  return onePerPerson(answer);
};

/** The oldest occasion of a person goes first; the next look tells whether another may follow it. */
const onePerPerson = ({ due: all, heldOut, heldBack }: Due): Due => {
  const first = new Map<string, Candidate>();
  for (const each of all) {
    const before = first.get(each.occasion.userId);
    if (before === undefined || each.occasion.at < before.occasion.at) first.set(each.occasion.userId, each);
  }
  const later = all
    .filter((each) => first.get(each.occasion.userId) !== each)
    .map(({ occasion, step }): Held => ({ occasion, step, reason: 'after-another' }));
  return { due: [...first.values()], heldOut, heldBack: [...heldBack, ...later] };
};
