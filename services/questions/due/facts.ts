import type { Automation } from '../../../schemas/automation.ts';
import type { Criterion } from '../../../schemas/segment.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { cappedAmong, contactFacts, isQuietAt, suppressedAmong } from './contact.ts';
import type { Facts } from './eligibility.ts';
import { endedAmong } from './exits.ts';
import { isHeldOut } from './holdout.ts';
import type { Occasion } from './occasion.ts';
import { amongPeople } from './people.ts';
import type { Scene } from './scene.ts';
import { isAboutShopping, toldByAnother } from './shopping.ts';

/** An automation, and what names its actions. */
export type Asked = {
  id: string;
  document: Automation;
  actionIdOf(occasion: Pick<Occasion, 'userId' | 'occasion'>, stepId: string): string;
};

/** Who meets which of the automation's criteria. */
export const membership = async (
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

export const isEmptyBasket = ({ basket }: Occasion): boolean => basket !== null && basket.items.length === 0;

/** What is known of those whose step has come; asked of them only. `others`: which messages of other automations matter. */
export const factsAbout = async (
  warehouse: Warehouse,
  scene: Scene,
  { id, document }: Asked,
  occasions: readonly Occasion[],
  { now, others }: { now: number; others: 'planned' | 'sent' | 'none' },
): Promise<
  (
    occasion: Occasion,
  ) => Pick<
    Facts,
    'isSuppressed' | 'hasConsent' | 'isEnded' | 'isToldByAnother' | 'isCapped' | 'isQuiet' | 'isHeldOut' | 'isPaused'
  >
> => {
  const { site, rules } = scene;
  const isMarketing = document.purpose === 'marketing';
  const users = occasions.map(({ userId }) => userId);
  const [suppressed, ended, told, capped, contact] = await Promise.all([
    suppressedAmong(
      warehouse,
      site.id,
      occasions.map(({ email }) => email).filter((email) => email !== ''),
      document.purpose,
    ),
    endedAmong(warehouse, site.id, await scene.resolved(document.exitOn), { occasions, now }),
    isMarketing && others !== 'none' && isAboutShopping(document.trigger)
      ? toldByAnother(
          warehouse,
          { ...document, site: site.id, automation: id, now, withUnderWay: others === 'planned' },
          users,
        )
      : () => false,
    isMarketing ? cappedAmong(warehouse, { site: site.id, cap: rules.cap, now }, users) : new Set<string>(),
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
      isToldByAnother: told(occasion),
      isCapped: capped.has(occasion.userId),
      isPaused: rules.paused,
      hasConsent,
      isQuiet: isMarketing && isQuietAt(rules.quietHours, timeZone, site.timeZone, now),
      isHeldOut: isHeldOut(site, { ...document, id }, occasion.userId),
    };
  };
};
