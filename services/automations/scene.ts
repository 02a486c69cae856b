import { ContactRules, noContactRules } from '../../schemas/contact-rules.ts';
import { Segment } from '../../schemas/segment.ts';
import { Site } from '../../schemas/site.ts';
import type { Definition } from '../platform/definitions.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import type { Scene } from '../questions/due/scene.ts';
import { resolveConditions, resolvePeople, type SegmentSource } from '../questions/segments/resolve.ts';

/** The id of the one document that a site has of its kind. */
const only = 'all';

/** @throws Failure `not_found` */
export const siteOf = async ({ definitions }: Pick<Platform, 'definitions'>, id: string): Promise<Site> => {
  const found = await definitions.get('site', '', id, Site);
  if (found === null) throw new Failure('not_found', `There is no site ${id}.`);
  return found.document;
};

type Deps = Pick<Platform, 'definitions' | 'clock'>;

/** The rules of a site; those that forbid nothing where none were set. */
export const contactRulesOf = async (
  { definitions }: Deps,
  site: string,
): Promise<Pick<Definition<ContactRules>, 'version' | 'document'>> =>
  (await definitions.get('contact-rules', site, only, ContactRules)) ?? { version: 0, document: noContactRules };

export const putContactRules = (
  { definitions }: Deps,
  site: string,
  rules: ContactRules,
  by: { author: string; expectedVersion?: number },
): Promise<Definition<ContactRules>> => definitions.put('contact-rules', site, only, rules, by);

/** What the question who is due needs to know of a site besides its events. */
export const sceneOf = async (deps: Deps, site: Site): Promise<Scene> => {
  const { definitions, clock } = deps;
  const { document: rules } = await contactRulesOf(deps, site.id);
  const find = async (id: string): Promise<Segment | null> =>
    (await definitions.get('segment', site.id, id, Segment))?.document ?? null;
  const source = (): SegmentSource => ({ site, find, now: clock.now() });
  return {
    site,
    rules,
    peopleOf: (criterion) => resolvePeople(criterion, source()),
    resolved: (filters) => resolveConditions(filters, source()),
  };
};
