import type { Action } from '../../../schemas/action.ts';
import type { ActingStep } from '../../../schemas/automation.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { eligibility, type Facts } from './eligibility.ts';
import { type Asked, factsAbout, isEmptyBasket, membership } from './facts.ts';
import { isCalled } from './occasion.ts';
import { occasionsOf } from './occasions.ts';
import type { Scene } from './scene.ts';

type Planned = { action: Pick<Action, 'person' | 'userId' | 'occasion' | 'email' | 'dueAt'>; step: ActingStep };
type Standing = { kind: 'yes' } | { kind: 'wait' } | { kind: 'no'; reason: string };

const no = (reason: string): Standing => ({ kind: 'no', reason });
/** These pass by themselves. */
const passing: ReadonlySet<string> = new Set(['paused', 'told-by-another', 'capped', 'quiet-hours']);

/** Whether the occasions still are such, for steps of an automation that are about to be done: an answer for each. Asked once for all of them. */
export const standStill = async (
  warehouse: Warehouse,
  scene: Scene,
  asked: Asked,
  { planned, now }: { planned: readonly Planned[]; now: number },
): Promise<Standing[]> => {
  const { document } = asked;
  const about = planned.map(({ action: { person, occasion } }) => ({ person, occasion }));
  const byPerson = Map.groupBy(await occasionsOf(warehouse, scene, document, { now, about }), ({ person }) => person);
  const found = planned.map(({ action: { person, userId, occasion, email } }) => {
    const same = byPerson.get(person)?.find((each) => isCalled(each, occasion));
    // What counts is the account and the address that it goes to, whatever has been said since.
    return same === undefined ? null : { ...same, userId, email };
  });
  const occasions = found.filter((each) => each !== null);
  const only = document.only === undefined ? [] : [document.only];
  const [isMember, factsOf] = await Promise.all([
    membership(warehouse, scene, only, occasions),
    factsAbout(warehouse, scene, asked, occasions, { now, others: 'sent' }),
  ]);
  const isLate = ({ dueAt }: Planned['action']): boolean =>
    dueAt !== undefined && now - Date.parse(dueAt) > document.trigger.maxAgeSeconds * 1000;
  return planned.map(({ action, step }, index): Standing => {
    const occasion = found[index] ?? null;
    if (occasion === null)
      return no(
        document.trigger.kind === 'abandoned-basket'
          ? 'the basket is not as it was: ordered, emptied, changed, or too old'
          : 'what it was about is not so any more, or too long ago',
      );
    // E.g. the basket is being looked at just now.
    if (occasion.at > now) return { kind: 'wait' };
    const facts: Facts = {
      ...factsOf(occasion),
      isEmpty: isEmptyBasket(occasion),
      isIn: document.only === undefined || isMember(document.only, occasion.person),
      hasAccount: true,
      isMail: step.kind === 'email',
      hasEmail: true,
      place: isLate(action) ? 'late' : 'due',
      isWrittenRecently: false,
    };
    const verdict = eligibility(facts);
    if (verdict.kind === 'due') return { kind: 'yes' };
    return passing.has(verdict.reason) ? { kind: 'wait' } : no(verdict.reason);
  });
};
