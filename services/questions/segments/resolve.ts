import { isOfPerson, type PropertyCondition, type SegmentCondition } from '../../../schemas/filters.ts';
import type { Criterion, People, Segment, When } from '../../../schemas/segment.ts';
import { Failure } from '../../platform/failure.ts';

/** Segments in segments; more would be a maze. */
const mostDepth = 5;
/** Criteria of all segments that one question names, and its own conditions on persons: each is a pass over rows. */
const mostCriteria = 100;
const minute = 60_000;
const day = 86_400_000;

/** Where segments come from: one site's, and the time at which "the last days" end. */
export type SegmentSource = {
  site: { id: string; currency: string };
  find: (id: string) => Promise<Segment | null>;
  now: number;
};

type Progress = SegmentSource & { left: { criteria: number } };
/** Where we are: in which segments, outermost first, and under which field of the question. */
type Place = { trail: readonly string[]; path: readonly string[] };

/** Whole minutes, so that the same question within a minute is the same question. */
const endOf = (now: number): number => Math.floor(now / minute) * minute + minute;

const absolute = (when: When, now: number): When => {
  if (when.lastDays === undefined) return when;
  const to = endOf(now);
  return { from: new Date(to - when.lastDays * day).toISOString(), to: new Date(to).toISOString() };
};

const under = ({ trail, path }: Place, field: string): Place => ({ trail, path: [...path, field] });

const refusal = (code: 'bad_request' | 'not_found' | 'query_limit', { path }: Place, message: string): Failure =>
  new Failure(code, `${path.join('.')}: ${message}`, { errors: [{ path: path.join('.'), message }] });

const spend = ({ left }: Progress, place: Place): void => {
  left.criteria -= 1;
  if (left.criteria < 0)
    throw refusal(
      'query_limit',
      place,
      `segments and conditions on persons have more than ${mostCriteria} criteria together`,
    );
};

const named = async (id: string, progress: Progress, at: Place): Promise<Criterion> => {
  const place = under(at, 'segment');
  const trail = [...at.trail, id];
  if (at.trail.includes(id))
    throw refusal('bad_request', place, `segments must not contain each other, got ${trail.join(' → ')}`);
  if (trail.length > mostDepth)
    throw refusal('bad_request', place, `expected segments in segments ${mostDepth} deep at most, got ${trail.length}`);
  const found = await progress.find(id);
  if (found === null) throw refusal('not_found', place, `there is no segment ${id}`);
  return criterionOf(found.is, progress, { trail, path: at.path });
};

const listOf = async <T>(list: readonly T[], place: Place, each: (value: T, place: Place) => Promise<T>) => {
  const resolved: T[] = [];
  for (const [index, value] of list.entries()) resolved.push(await each(value, under(place, String(index))));
  return resolved;
};

const criterionOf = async (criterion: Criterion, progress: Progress, place: Place): Promise<Criterion> => {
  switch (criterion.kind) {
    case 'all':
    case 'any':
    case 'not': {
      const resolve = (each: Criterion, at: Place) => criterionOf(each, progress, at);
      return { ...criterion, of: await listOf(criterion.of, under(place, 'of'), resolve) };
    }
    case 'inSegment':
      return named(criterion.segment, progress, place);
    case 'did':
    case 'didNot':
    case 'seen': {
      spend(progress, place);
      const inner = await inlined(criterion, progress, place);
      return inner.in === undefined ? inner : { ...inner, in: absolute(inner.in, progress.now) };
    }
    case 'rfm': {
      spend(progress, place);
      // How lately somebody bought needs an end to count back from.
      const to = new Date(endOf(progress.now)).toISOString();
      return { ...criterion, in: { to, ...absolute(criterion.in, progress.now) } };
    }
    case 'is':
    case 'lifetimeValue':
      spend(progress, place);
      return criterion;
    default:
      return criterion satisfies never;
  }
};

const peopleOf = ({ site }: SegmentSource, is: Criterion): People => ({ site: site.id, currency: site.currency, is });

const isSegmentCondition = (value: object): value is SegmentCondition =>
  'op' in value && (value.op === 'inSegment' || value.op === 'notInSegment') && 'segment' in value;

const namesProperty = (value: object): value is { property: string } =>
  'property' in value && typeof value.property === 'string';
const isPersonCondition = (value: object): value is PropertyCondition =>
  'op' in value && namesProperty(value) && isOfPerson(value.property);

/** Every condition on a person, wherever it stands in the value, with what it is about: what a segment means beside its id, the site of a trait. */
const inlined = async <T>(value: T, progress: Progress, place: Place): Promise<T> => {
  if (typeof value !== 'object' || value === null) return value;
  const inner = (each: unknown, at: Place): Promise<unknown> => inlined(each, progress, at);
  if (Array.isArray(value)) return (await listOf(value, place, inner)) as T;
  if (isSegmentCondition(value)) {
    return { ...value, people: peopleOf(progress, await named(value.segment, progress, place)) };
  }
  if (isPersonCondition(value)) {
    spend(progress, place);
    return { ...value, site: progress.site.id };
  }
  const fields: [string, unknown][] = [];
  for (const [name, each] of Object.entries(value)) fields.push([name, await inner(each, under(place, name))]);
  return Object.fromEntries(fields) as T;
};

const progressOf = (source: SegmentSource): Progress => ({ ...source, left: { criteria: mostCriteria } });

/**
 * A question with what its conditions on persons are about, so that it can be asked without knowing what is saved, and is another question once a segment changes.
 * @throws Failure `not_found`, `bad_request` (a circle, too deep), `query_limit` (too many criteria)
 */
export const resolveConditions = <T>(question: T, source: SegmentSource): Promise<T> =>
  inlined(question, progressOf(source), { trail: [], path: [] });

/** The same for what a segment says. `self`: its own id, where it is about to be saved, so that it cannot come to contain itself. */
export const resolvePeople = async (is: Criterion, source: SegmentSource, self?: string): Promise<People> => {
  const place = { trail: self === undefined ? [] : [self], path: ['is'] };
  return peopleOf(source, await criterionOf(is, progressOf(source), place));
};

/** Ids of the segments that a saved document names: in conditions, criteria, and the trigger of an automation. */
export const segmentsIn = (value: unknown): Set<string> => {
  if (typeof value !== 'object' || value === null) return new Set();
  const isNamed =
    isSegmentCondition(value) || ('kind' in value && (value.kind === 'inSegment' || value.kind === 'segment'));
  const own = isNamed && 'segment' in value ? [String(value.segment)] : [];
  return new Set([...own, ...Object.values(value).flatMap((each) => [...segmentsIn(each)])]);
};

/** Whether the answer depends on what is known of persons, from events of any time. */
export const isAboutPersons = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (isSegmentCondition(value) || (namesProperty(value) && isOfPerson(value.property))) return true;
  return Object.values(value).some(isAboutPersons);
};
