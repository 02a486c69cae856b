import { SavedFunnel } from '../../schemas/api/administration.ts';
import { StoredAutomation } from '../../schemas/automation.ts';
import { Segment } from '../../schemas/segment.ts';
import type { Definitions } from '../platform/definitions.ts';
import { Failure } from '../platform/failure.ts';
import { segmentsIn } from '../questions/segments/resolve.ts';

/** So many are named in a refusal: who has taken the segment out of them is told of the next ones. */
const mostNamed = 5;

/** What is saved on a site and may name a segment, each as one calls it. */
const mayName = async (definitions: Definitions, site: string): Promise<{ called: string; document: unknown }[]> => {
  const [automations, segments, funnels] = await Promise.all([
    definitions.list('automation', site, StoredAutomation),
    definitions.list('segment', site, Segment),
    definitions.list('funnel', site, SavedFunnel),
  ]);
  const called = (kind: string, list: readonly { document: { name: string } }[]) =>
    list.map(({ document }) => ({ called: `the ${kind} “${document.name}”`, document }));
  return [...called('automation', automations), ...called('segment', segments), ...called('funnel', funnels)];
};

const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/**
 * A segment that is gone would leave what names it without an answer: an automation would write to nobody.
 * @throws Failure `in_use` that names what uses it
 */
export const refuseIfUsed = async (definitions: Definitions, site: string, id: string): Promise<void> => {
  const users = (await mayName(definitions, site)).filter(({ document }) => segmentsIn(document).has(id));
  if (users.length === 0) return;
  const named = users.slice(0, mostNamed).map(({ called }) => called);
  const others = users.length - named.length;
  const all = inWords(others === 0 ? named : [...named, `${others} more`]);
  throw new Failure('in_use', `It is used by ${all}: take it out there first.`);
};
