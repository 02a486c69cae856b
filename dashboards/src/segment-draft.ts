import type { RfmClass } from '../../schemas/rfm.ts';
import type { Criterion, When } from '../../schemas/segment.ts';

/** A condition as the page edits it: one line each. */
export const draftKinds = {
  did: 'did',
  didNot: 'did not do',
  seen: 'was last here',
  lifetimeValue: 'is worth at least',
  rfm: 'is as a buyer',
  trait: 'has',
} as const;
export type DraftKind = keyof typeof draftKinds;
export type WrittenDraft = {
  kind: DraftKind;
  event: string;
  times: number;
  /** 0: at any time. */
  days: number;
  amount: number;
  rfmClass: RfmClass;
  property: string;
  value: string;
};
/** What was made over the API and the page has no fields for: shown in words, and saved again as it is. */
export type KeptDraft = { kind: 'kept'; criterion: Criterion };
export type Draft = WrittenDraft | KeptDraft;

export const freshDraft: WrittenDraft = {
  kind: 'did',
  event: 'Order Completed',
  times: 1,
  days: 30,
  amount: 100,
  rfmClass: 'champions',
  property: 'person.email',
  value: '',
};

const criterionOf = (draft: Draft, currency: string): Criterion => {
  const during = draft.kind !== 'kept' && draft.days > 0 ? { in: { lastDays: draft.days } } : {};
  switch (draft.kind) {
    case 'did':
      return { kind: 'did', event: draft.event, where: [], ...during, times: { atLeast: draft.times } };
    case 'didNot':
      return { kind: 'didNot', event: draft.event, where: [], ...during };
    case 'seen':
      return { kind: 'seen', which: 'last', in: { lastDays: Math.max(1, draft.days) } };
    case 'lifetimeValue':
      return { kind: 'lifetimeValue', currency, atLeast: draft.amount };
    case 'rfm':
      return { kind: 'rfm', classes: [draft.rfmClass], in: { lastDays: 365 } };
    case 'trait':
      return {
        kind: 'is',
        where: [
          draft.value === ''
            ? { property: draft.property, op: 'exists' }
            : { property: draft.property, op: 'contains', value: draft.value },
        ],
      };
    case 'kept':
      return draft.criterion;
    default:
      return draft satisfies never;
  }
};

const mostDays = 3660;
const daysOf = (when: When | undefined): number => Math.min(mostDays, when?.lastDays ?? 0);

/** The fields that could say this; whether they do, `draftOf` sees when it reads them back. */
const nearestOf = (criterion: Criterion): WrittenDraft | null => {
  switch (criterion.kind) {
    case 'did': {
      const { event, times } = criterion;
      return { ...freshDraft, kind: 'did', event, times: times?.atLeast ?? 1, days: daysOf(criterion.in) };
    }
    case 'didNot':
      return { ...freshDraft, kind: 'didNot', event: criterion.event, days: daysOf(criterion.in) };
    case 'seen':
      return { ...freshDraft, kind: 'seen', days: daysOf(criterion.in) };
    case 'lifetimeValue':
      return { ...freshDraft, kind: 'lifetimeValue', amount: criterion.atLeast ?? 0 };
    case 'rfm':
      return { ...freshDraft, kind: 'rfm', rfmClass: criterion.classes[0] ?? freshDraft.rfmClass };
    case 'is': {
      const [first] = criterion.where;
      const value = first !== undefined && 'value' in first ? String(first.value) : '';
      return first === undefined ? null : { ...freshDraft, kind: 'trait', property: first.property, value };
    }
    case 'inSegment':
    case 'all':
    case 'any':
    case 'not':
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
  const isWhole = nearest !== null && sameText(criterionOf(nearest, currency)) === sameText(criterion);
  return isWhole ? nearest : { kind: 'kept', criterion };
};

/** A saved segment as the page edits it: nothing of it is lost, whoever wrote it. */
export const draftsOf = (is: Criterion, currency: string): { match: 'all' | 'any'; drafts: Draft[] } =>
  is.kind === 'all' || is.kind === 'any'
    ? { match: is.kind, drafts: is.of.map((one) => draftOf(one, currency)) }
    : { match: 'all', drafts: [draftOf(is, currency)] };

/** All of the lines hold, or any of them. */
export const segmentOf = (drafts: readonly Draft[], match: 'all' | 'any', currency: string): Criterion => {
  const of = drafts.map((draft) => criterionOf(draft, currency));
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind: match, of };
};
