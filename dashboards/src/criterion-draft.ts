import type { PropertyCondition, Where } from '../../schemas/filters.ts';
import type { RfmClass } from '../../schemas/rfm.ts';
import type { Criterion, When } from '../../schemas/segment.ts';
import { conditionOf, valueText } from './condition-text.ts';
import type { Operator } from './search.ts';

/** A condition as the page edits it: one line each. */
export const draftKinds = {
  did: 'did',
  didNot: 'did not do',
  inSegment: 'is in the segment',
  notInSegment: 'is not in the segment',
  seen: 'was last here',
  firstSeen: 'was first here',
  lifetimeValue: 'is worth at least',
  rfm: 'is as a buyer',
  trait: 'is someone whose',
} as const;
export type DraftKind = keyof typeof draftKinds;

export const bounds = { atLeast: 'at least', atMost: 'at most', exactly: 'exactly' } as const;
export type Bound = keyof typeof bounds;

export type WrittenDraft = {
  kind: DraftKind;
  event: string;
  where: Where;
  bound: Bound;
  times: number;
  /** 0: at any time. */
  days: number;
  segment: string;
  amount: number;
  rfmClass: RfmClass;
  property: string;
  op: Operator;
  value: string;
};
/** What the page has no fields for: shown in words, and saved again as it is. */
export type KeptDraft = { kind: 'kept'; criterion: Criterion };
/** `all` of them hold, `any`, or none (`not`). */
export type GroupDraft = { kind: 'group'; match: 'all' | 'any' | 'not'; drafts: readonly Draft[] };
export type Draft = WrittenDraft | KeptDraft | GroupDraft;

export const freshDraft: WrittenDraft = {
  kind: 'did',
  event: 'Order Completed',
  where: [],
  bound: 'atLeast',
  times: 1,
  days: 30,
  segment: '',
  amount: 100,
  rfmClass: 'champions',
  property: 'person.email',
  op: 'exists',
  value: '',
};

/** What is not whole yet is a comparison with nothing, which the form does not send. */
const traitOf = ({ property, op, value }: WrittenDraft): PropertyCondition =>
  conditionOf(property, op, value) ?? { property, op: 'eq', value };

const writtenCriterion = (draft: WrittenDraft, currency: string): Criterion => {
  const { event, where } = draft;
  const during = draft.days > 0 ? { in: { lastDays: draft.days } } : {};
  const lately = { lastDays: Math.max(1, draft.days) };
  switch (draft.kind) {
    case 'did':
      return { kind: 'did', event, where, ...during, times: { [draft.bound]: draft.times } };
    case 'didNot':
      return { kind: 'didNot', event, where, ...during };
    case 'inSegment':
      return { kind: 'inSegment', segment: draft.segment };
    case 'notInSegment':
      return { kind: 'not', of: [{ kind: 'inSegment', segment: draft.segment }] };
    case 'seen':
      return { kind: 'seen', which: 'last', in: lately };
    case 'firstSeen':
      return { kind: 'seen', which: 'first', in: lately };
    case 'lifetimeValue':
      return { kind: 'lifetimeValue', currency, atLeast: draft.amount };
    case 'rfm':
      return { kind: 'rfm', classes: [draft.rfmClass], in: { lastDays: 365 } };
    case 'trait':
      return { kind: 'is', where: [traitOf(draft)] };
    default:
      return draft.kind satisfies never;
  }
};

const lineCriterion = (draft: Draft, currency: string): Criterion => {
  switch (draft.kind) {
    case 'kept':
      return draft.criterion;
    case 'group':
      return { kind: draft.match, of: draft.drafts.map((each) => lineCriterion(each, currency)) };
    default:
      return writtenCriterion(draft, currency);
  }
};

const mostDays = 3660;
const daysOf = (when: When | undefined): number => Math.min(mostDays, when?.lastDays ?? 0);
const boundOf = (
  times: Partial<Record<Bound, number | undefined>> | undefined,
): Pick<WrittenDraft, 'bound' | 'times'> => {
  const bound = times?.exactly !== undefined ? 'exactly' : times?.atLeast !== undefined ? 'atLeast' : 'atMost';
  return times === undefined ? { bound: 'atLeast', times: 1 } : { bound, times: times[bound] ?? 1 };
};

/** The fields that could say this; whether they do, `draftOf` sees when it reads them back. */
const nearestOf = (criterion: Criterion): WrittenDraft | null => {
  switch (criterion.kind) {
    case 'did': {
      const { event, where, times } = criterion;
      return { ...freshDraft, event, where, ...boundOf(times), days: daysOf(criterion.in) };
    }
    case 'didNot': {
      const { event, where } = criterion;
      return { ...freshDraft, kind: 'didNot', event, where, days: daysOf(criterion.in) };
    }
    case 'inSegment':
      return { ...freshDraft, kind: 'inSegment', segment: criterion.segment };
    case 'seen':
      return { ...freshDraft, kind: criterion.which === 'last' ? 'seen' : 'firstSeen', days: daysOf(criterion.in) };
    case 'lifetimeValue':
      return { ...freshDraft, kind: 'lifetimeValue', amount: criterion.atLeast ?? 0 };
    case 'rfm':
      return { ...freshDraft, kind: 'rfm', rfmClass: criterion.classes[0] ?? freshDraft.rfmClass };
    case 'is': {
      const [first] = criterion.where;
      if (first === undefined) return null;
      return {
        ...freshDraft,
        kind: 'trait',
        property: first.property,
        op: first.op as Operator,
        value: valueText(first),
      };
    }
    case 'not': {
      const [first] = criterion.of;
      return first?.kind === 'inSegment' ? { ...freshDraft, kind: 'notInSegment', segment: first.segment } : null;
    }
    case 'all':
    case 'any':
      return null;
    default:
      return criterion satisfies never;
  }
};

/** The same for the same meaning: fields in one order, "once at least" said. */
const sameText = (criterion: Criterion): string => {
  const isOnce = criterion.kind === 'did' && criterion.times === undefined && criterion.sum === undefined;
  const said = isOnce ? { ...criterion, times: { atLeast: 1 } } : criterion;
  return JSON.stringify(said, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
};

const draftOf = (criterion: Criterion, currency: string): Draft => {
  const nearest = nearestOf(criterion);
  if (nearest !== null && sameText(writtenCriterion(nearest, currency)) === sameText(criterion)) return nearest;
  return 'of' in criterion
    ? { kind: 'group', match: criterion.kind, drafts: criterion.of.map((one) => draftOf(one, currency)) }
    : { kind: 'kept', criterion };
};

/** A saved criterion as the page edits it: nothing of it is lost, whoever wrote it. */
export const groupOf = (is: Criterion, currency: string): GroupDraft => {
  const draft = draftOf(is, currency);
  return draft.kind === 'group' ? draft : { kind: 'group', match: 'all', drafts: [draft] };
};

/** What the lines say together; one alone stands for itself. */
export const criterionOf = (group: GroupDraft, currency: string): Criterion => {
  const [first, ...more] = group.drafts;
  const isAlone = first !== undefined && more.length === 0 && group.match !== 'not';
  return lineCriterion(isAlone ? first : group, currency);
};
