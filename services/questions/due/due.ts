import type { Action } from '../../../schemas/action.ts';
import type { ActingStep, Automation, Step } from '../../../schemas/automation.ts';
import type { Criterion } from '../../../schemas/segment.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { cappedAmong, contactFacts, isQuietAt, suppressedAmong } from './contact.ts';
import { eligibility, type Facts, type HeldReason } from './eligibility.ts';
import { endedAmong } from './exits.ts';
import { isHeldOut } from './holdout.ts';
import { isMessage, isOver, type Noted, notedOf } from './ledger.ts';
import type { Occasion } from './occasion.ts';
import { occasionsOf } from './occasions.ts';
import { amongPeople } from './people.ts';
import type { Scene } from './scene.ts';
import { type Place, placeIn } from './walk.ts';

/** A step that has come for a person. */
export type Candidate = { occasion: Occasion; step: ActingStep; actionId: string };
export type Held = { occasion: Occasion; step: ActingStep | null; reason: HeldReason };
/** `heldOut`: nothing but the holdout speaks against them. */
export type Due = { due: Candidate[]; heldOut: Candidate[]; heldBack: Held[] };

/** An automation, and what names its actions. */
export type Asked = {
  id: string;
  document: Automation;
  actionIdOf(occasion: Pick<Occasion, 'userId' | 'occasion'>, stepId: string): string;
};

type Placed = { occasion: Occasion; place: Place };

const criteriaIn = (steps: readonly Step[]): Criterion[] =>
  steps.flatMap((step) => (step.kind === 'branch' ? [step.if, ...criteriaIn(step.yes), ...criteriaIn(step.no)] : []));

/** Who meets which of the automation's criteria. */
const membership = async (
  warehouse: Warehouse,
  scene: Scene,
  criteria: readonly Criterion[],
  occasions: readonly Occasion[],
): Promise<(criterion: Criterion, person: string) => boolean> => {
  const members = new Map<Criterion, ReadonlySet<string>>();
  const persons = occasions.map(({ person }) => person);
  for (const criterion of criteria)
    members.set(criterion, await amongPeople(warehouse, await scene.peopleOf(criterion), persons));
  return (criterion, person) => members.get(criterion)?.has(person) ?? false;
};

const isEmptyBasket = ({ basket }: Occasion): boolean => basket !== null && basket.items.length === 0;

/** What is known of those whose step has come; asked of them only. */
const factsAbout = async (
  warehouse: Warehouse,
  scene: Scene,
  { id, document }: Asked,
  occasions: readonly Occasion[],
  now: number,
): Promise<
  (
    occasion: Occasion,
  ) => Pick<Facts, 'isSuppressed' | 'hasConsent' | 'isEnded' | 'isCapped' | 'isQuiet' | 'isHeldOut' | 'isPaused'>
> => {
  const { site, rules, marketing } = scene;
  const isMarketing = document.purpose === 'marketing';
  const users = occasions.map(({ userId }) => userId);
  const [suppressed, ended, capped, contact] = await Promise.all([
    suppressedAmong(
      warehouse,
      site.id,
      occasions.map(({ email }) => email).filter((email) => email !== ''),
    ),
    endedAmong(warehouse, site.id, document.exitOn, { occasions, now }),
    isMarketing ? cappedAmong(warehouse, { site: site.id, cap: rules.cap, marketing, now }, users) : new Set<string>(),
    contactFacts(
      warehouse,
      site,
      isMarketing ? rules : { consentTrait: null, quietHours: null },
      occasions.map(({ person }) => person),
    ),
  ]);
  return (occasion) => {
    const { hasConsent, timeZone } = contact(occasion.person);
    return {
      isSuppressed: suppressed.has(occasion.email.toLowerCase()),
      isEnded: ended.has(occasion),
      isCapped: capped.has(occasion.userId),
      isPaused: rules.paused,
      hasConsent,
      isQuiet: isMarketing && isQuietAt(rules.quietHours, timeZone, site.timeZone, now),
      isHeldOut: isHeldOut(site, { id, holdoutPercent: document.holdoutPercent }, occasion.userId),
    };
  };
};

/** Of those to whom nothing is due: why. What is asked of the warehouse about the others is not asked about them. */
const undecided = {
  isSuppressed: false,
  hasConsent: true,
  isEnded: false,
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

  const placed: Placed[] = occasions.map((occasion) => ({
    occasion,
    place: placeIn({
      steps: document.steps,
      at: occasion.at,
      now,
      maxAgeMilliseconds: document.trigger.maxAgeSeconds * 1000,
      past: ({ id }) => {
        const past = byAction.get(asked.actionIdOf(occasion, id));
        return past === undefined ? undefined : { at: past.at, isOver: isOver(past) };
      },
      isIn: (criterion) => isMember(criterion, occasion.person),
    }),
  }));
  const come = placed.filter(({ place }) => place.kind === 'due').map(({ occasion }) => occasion);
  const factsOf = await factsAbout(warehouse, scene, asked, come, now);
  const isRecent = ({ userId, occasion }: Occasion): boolean => {
    const own = (byUser.get(userId) ?? []).filter(isMessage);
    // Who is in goes on: the re-entry time is between one occasion and the next.
    if (own.some((each) => each.occasion === occasion)) return false;
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
    const isCandidate = step !== null && (verdict.kind === 'due' || verdict.reason === 'holdout');
    if (isCandidate) {
      const candidate = { occasion, step, actionId: asked.actionIdOf(occasion, step.id) };
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

/** Whether an occasion still is one, for a step that is about to be done. */
export const standsStill = async (
  warehouse: Warehouse,
  scene: Scene,
  asked: Asked,
  about: { action: Pick<Action, 'person' | 'occasion' | 'email'>; step: ActingStep; now: number },
): Promise<{ kind: 'yes' } | { kind: 'wait' } | { kind: 'no'; reason: string }> => {
  const { document } = asked;
  const {
    now,
    step,
    action: { person, email, occasion: name },
  } = about;
  const no = (reason: string) => ({ kind: 'no', reason }) as const;
  const occasions = await occasionsOf(warehouse, scene, document, { now, person });
  const found = occasions.find((each) => each.occasion === name);
  if (found === undefined)
    return no(
      document.trigger.kind === 'abandoned-basket'
        ? 'the basket is not as it was: ordered, emptied, changed, or too old'
        : 'what it was about is not so any more, or too long ago',
    );
  // What counts is the address that it goes to, whatever has been said since.
  const occasion = { ...found, email };
  const isMember = await membership(warehouse, scene, document.only === undefined ? [] : [document.only], [occasion]);
  const facts: Facts = {
    ...(await factsAbout(warehouse, scene, asked, [occasion], now))(occasion),
    isEmpty: isEmptyBasket(occasion),
    isIn: document.only === undefined || isMember(document.only, person),
    hasAccount: true,
    isMail: step.kind === 'email',
    hasEmail: true,
    place: 'due',
    isWrittenRecently: false,
  };
  const verdict = eligibility(facts);
  if (verdict.kind === 'due') return { kind: 'yes' };
  // These pass by themselves.
  if (['paused', 'capped', 'quiet-hours'].includes(verdict.reason)) return { kind: 'wait' };
  return no(verdict.reason);
};
